// SPDX-License-Identifier: GPL-2.0
/* The API's answers: the reader's part of them. */
#include "figures.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "../core/subject.h"

#define BUCKETS_A_TIME 8192	/* of the mirror, while no event is read */

/* A line of the contract's JSON in memory. */
struct answer {
	FILE *out;
	char *text;
	size_t len;
	struct tct_sink_json sink;
};

static bool begin(struct answer *answer, const struct tct_figures *figures, const char *type,
		  uint64_t now_ns)
{
	struct tct_sink nobody;

	*answer = (struct answer){ 0 };
	answer->out = open_memstream(&answer->text, &answer->len);
	if (!answer->out)
		return false;
	tct_sink_json_init(&answer->sink, answer->out, figures->real_offset_ns, &nobody);
	if (type)
		tct_sink_json_begin(&answer->sink, type, now_ns);
	return true;
}

static char *end(struct answer *answer)
{
	bool failed = ferror(answer->out);

	if (!fclose(answer->out) && !failed)
		return answer->text;
	free(answer->text);
	return NULL;
}

/* Findings as they stand, by number. */
static void see_standing(void *ctx, const struct tct_standing *standing)
{
	struct tct_board_entry *entry = tct_board_find(ctx, standing->id);

	if (!entry)	/* a rule keeps it back */
		return;
	entry->standing_count = standing->count;
	entry->standing_since_ns = standing->oldest_ns;
}

/* A line as it was told last, which is JSON already, and what has become of it since. */
static void put_entry(FILE *out, const struct tct_board_entry *entry, uint64_t now_ns)
{
	if (!entry->json) {
		fputs("null", out);
		return;
	}
	fwrite(entry->json, 1, entry->len - 1, out);
	fprintf(out, ",\"count_now\":%" PRIu32 ",\"oldest_now_ns\":", entry->standing_count);
	if (entry->standing_since_ns)
		fprintf(out, "%" PRIu64 "}", now_ns - entry->standing_since_ns);
	else
		fputs("null}", out);
}

char *tct_figures_findings(const struct tct_figures *figures, uint32_t after, size_t limit,
			   uint64_t now_ns)
{
	const struct tct_board *board = &figures->board;
	struct answer answer;
	size_t from = tct_board_after(board, after);
	size_t to = limit < board->count - from ? from + limit : board->count;
	int64_t next = to < board->count && to ? board->entries[to - 1].id : TCT_UNKNOWN;

	if (!begin(&answer, figures, "findings", now_ns))
		return NULL;
	if (figures->shards)
		tct_stuck_each(&figures->shards->stuck, see_standing, (void *)board);
	tct_json_u64(&answer.sink.json, "count", board->count);
	tct_json_i64(&answer.sink.json, "next", next, TCT_UNKNOWN);
	tct_json_flush(&answer.sink.json);
	fputs(",\"findings\":[", answer.out);
	for (size_t i = from; i < to; i++) {
		if (i > from)
			fputc(',', answer.out);
		put_entry(answer.out, &board->entries[i], now_ns);
	}
	fputs("]}\n", answer.out);
	return end(&answer);
}

char *tct_figures_fsm(const struct tct_figures *figures, uint64_t now_ns)
{
	struct answer answer;
	struct tct_json *json = &answer.sink.json;

	if (!begin(&answer, figures, "fsm", now_ns))
		return NULL;
	tct_diagram_json_edges(&figures->diagram, json);
	tct_json_open(json, "sockets", '{');
	for (int s = TCT_NONE + 1; figures->shards && s < TCT_STATES; s++) {
		if (s != TCT_NEW_SYN_RECV)
			tct_json_u64(json, tct_state_name(s),
				     tct_shards_in_state(figures->shards, s));
	}
	tct_json_close(json, '}');
	tct_sink_json_end(&answer.sink);
	return end(&answer);
}

struct collecting {
	struct tct_socket_page *page;
	const struct tct_tracker *tracker;
	struct tct_json *json;
	uint64_t now_ns;
};

static void put_socket(void *ctx, struct tct_socket *sock)
{
	struct collecting *collecting = ctx;
	struct tct_json *json = collecting->json;
	uint64_t now_ns = collecting->now_ns;
	struct tct_subject who;

	if (sock->state != collecting->page->state)
		return;
	who = tct_subject_of(&collecting->tracker->mirror, sock,
			     tct_task_of(&collecting->tracker->tasks, sock));
	tct_json_open(json, NULL, '{');
	tct_sink_json_subject(json, &who);
	tct_json_str(json, "state", tct_state_name(sock->state));
	/* the question may be older than the answer */
	tct_json_u64(json, "age_ns", now_ns > sock->entered_ns ? now_ns - sock->entered_ns : 0);
	tct_json_bool(json, "at_least", !(sock->flags & TCT_SOCK_EXACT));
	tct_sink_json_task(json, &who.task);
	tct_json_close(json, '}');
	collecting->page->count++;
}

bool tct_figures_sockets(const struct tct_figures *figures, struct tct_socket_page *page,
			 uint64_t now_ns)
{
	const struct tct_tracker *tracker = &figures->shards->shard[page->shard];
	struct answer answer;
	struct collecting collecting = { page, tracker, &answer.sink.json, now_ns };
	bool more = true;
	char *json;

	if (!begin(&answer, figures, NULL, now_ns))
		return true;
	page->total = tct_shards_in_state(figures->shards, page->state);
	answer.sink.json.comma = page->count > 0;
	/* a whole bucket at a time: a page may have a few more than were wanted */
	for (size_t i = 0; more && i < BUCKETS_A_TIME && page->count < page->limit; i++)
		more = tct_mirror_walk(&tracker->mirror, &page->cursor, 1, put_socket, &collecting);
	tct_json_flush(&answer.sink.json);
	fclose(answer.out);
	json = realloc(page->json, page->len + answer.len + 1);
	if (json) {
		memcpy(json + page->len, answer.text, answer.len + 1);
		page->json = json;
		page->len += answer.len;
	}
	free(answer.text);
	if (!more) {
		page->shard++;
		page->cursor = 0;
	}
	page->more = page->shard < figures->shards->count;
	return !page->more || page->count >= page->limit;
}
