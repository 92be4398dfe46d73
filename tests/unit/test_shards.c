// SPDX-License-Identifier: GPL-2.0
/*
 * The same host watched by 1, 2, 4 and 8 shards: the same events, in each socket the same order, the
 * same findings; and a second time the very same bytes.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include "../../user/core/shards.h"
#include "recorder.h"
#include "stream.h"

#define SOCKETS 600
#define BATCH 64
#define STEPS 9
#define PROCESSES 5

static const unsigned int counts[] = { 1, 2, 4, 8 };

/* What a run told: its lines in the order of telling. */
struct told {
	char *text;
	char **lines;
	size_t count;
};

struct host {
	struct tct_shards shards;
	struct tct_sink sink;
	struct recorder recorder;
	uint64_t now_ns;
	size_t fed;
	uint8_t step[SOCKETS];
	uint64_t seed;
};

static uint32_t next_random(struct host *host, uint32_t n)
{
	host->seed = host->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(host->seed >> 33) % n;
}

static uint16_t port_of(size_t i)
{
	return (uint16_t)(8000 + i % 7);
}

/* Every third lingers in CLOSE_WAIT until the end, every eleventh does what no TCP does. */
static bool lingers(size_t i)
{
	return i % 3 == 0;
}

static void feed(struct host *host, const void *rec)
{
	const struct tct_record_header *h = rec;

	assert_int_equal(tct_shards_feed(&host->shards, rec, h->size), h->size);
	host->fed++;
}

static void move(struct host *host, size_t i, enum tct_state from, enum tct_state to)
{
	struct tct_record_sock rec = stream_state(i + 1, from, to, host->now_ns);

	rec.id.lport = (uint16_t)(40000 + i);
	rec.id.rport = port_of(i);
	if (to == TCT_SYN_SENT)
		stream_by(&rec, (uint32_t)(100 + i % PROCESSES), "client");
	feed(host, &rec);
}

static void end_mini(struct host *host, size_t i)
{
	struct tct_record_tw_cancel rec = stream_cancel(i + 1, TCT_TIME_WAIT, host->now_ns,
							"__run_timers");

	rec.tw.id.lport = (uint16_t)(40000 + i);
	rec.tw.id.rport = port_of(i);
	feed(host, &rec);
}

static void start_mini(struct host *host, size_t i)
{
	struct tct_record_tw rec = stream_tw(TCT_REC_TW_START, i + 1, TCT_TIME_WAIT, host->now_ns);

	rec.id.lport = (uint16_t)(40000 + i);
	rec.id.rport = port_of(i);
	feed(host, &rec);
}

static void step_lingering(struct host *host, size_t i, unsigned int step)
{
	switch (step) {
	case 2:
		move(host, i, TCT_ESTABLISHED, TCT_CLOSE_WAIT);
		break;
	case 7:
		move(host, i, TCT_CLOSE_WAIT, TCT_LAST_ACK);
		break;
	case 8:
		move(host, i, TCT_LAST_ACK, TCT_CLOSE);
		break;
	default:
		break;
	}
}

static void step_closing(struct host *host, size_t i, unsigned int step)
{
	switch (step) {
	case 2:
		move(host, i, TCT_ESTABLISHED, i % 11 ? TCT_FIN_WAIT1 : TCT_SYN_SENT);
		break;
	case 3:
		move(host, i, i % 11 ? TCT_FIN_WAIT1 : TCT_SYN_SENT, TCT_FIN_WAIT2);
		break;
	case 4:
		start_mini(host, i);
		break;
	case 5:
		move(host, i, TCT_FIN_WAIT2, TCT_CLOSE);
		break;
	case 6:
		end_mini(host, i);
		break;
	default:
		break;
	}
}

static void step(struct host *host, size_t i)
{
	unsigned int step = host->step[i]++;

	host->now_ns += 1 + next_random(host, 1000);
	if (step == 0)
		move(host, i, TCT_CLOSE, TCT_SYN_SENT);
	else if (step == 1)
		move(host, i, TCT_SYN_SENT, TCT_ESTABLISHED);
	else if (lingers(i))
		step_lingering(host, i, step);
	else
		step_closing(host, i, step);
}

static void scan(struct host *host)
{
	tct_shards_scan_begin(&host->shards, host->now_ns);
	for (size_t i = 0; i < SOCKETS; i++) {
		struct tct_record_owner owner = stream_owner(i + 1,
							     (uint32_t)(100 + i % PROCESSES),
							     (uint32_t)i, "client");
		struct tct_record_found found = stream_found(i + 1, TCT_CLOSE_WAIT, host->now_ns);

		feed(host, &owner);
		if (lingers(i) && host->step[i] > 2 && host->step[i] < 8)
			feed(host, &found);
	}
	tct_shards_join(&host->shards);
	tct_shards_scan_end(&host->shards, host->now_ns);
}

static void end_batch(struct host *host)
{
	tct_shards_join(&host->shards);
	tct_shards_judge(&host->shards, host->now_ns);
	tct_shards_settle(&host->shards, host->now_ns);
	tct_shards_join(&host->shards);
	if (tct_shards_tick(&host->shards, host->now_ns))
		scan(host);
}

/* All sockets, in an order of chance, as far as `last`. */
static void live_on(struct host *host, uint8_t last)
{
	size_t left = 0;

	for (size_t i = 0; i < SOCKETS; i++)
		left += (size_t)(last - host->step[i]);
	while (left) {
		size_t i = next_random(host, SOCKETS);

		if (host->step[i] == last)
			continue;
		step(host, i);
		left--;
		if (left % BATCH == 0)
			end_batch(host);
	}
}

static struct host *host_new(unsigned int shards)
{
	struct tct_tracker_config config = { .hz = 250 };
	struct host *host = calloc(1, sizeof(*host));

	assert_non_null(host);
	tct_stuck_defaults(&config.stuck);
	stream_symbols(config.end_symbols);
	recorder_init(&host->recorder, &host->sink);
	assert_int_equal(tct_shards_init(&host->shards, &config, shards, &host->sink), 0);
	assert_int_equal(tct_shards_seeded(&host->shards), 0);
	host->now_ns = SECOND;
	host->seed = 42;
	return host;
}

static void split(struct told *told)
{
	size_t room = 0;

	for (char *line = strtok(told->text, "\n"); line; line = strtok(NULL, "\n")) {
		if (told->count == room) {
			room = room ? 2 * room : 1024;
			told->lines = realloc(told->lines, room * sizeof(*told->lines));
			assert_non_null(told->lines);
		}
		told->lines[told->count++] = line;
	}
}

static char *tell(unsigned int shards, struct tct_summary *summary)
{
	struct host *host = host_new(shards);
	char *text;

	live_on(host, 7);
	host->now_ns += 61 * SECOND;
	end_batch(host);
	live_on(host, STEPS);
	end_batch(host);
	tct_shards_flush(&host->shards);
	tct_shards_join(&host->shards);
	assert_int_equal(tct_shards_mirrored(&host->shards), 0);
	assert_int_equal(tct_shards_dropped(&host->shards), 0);
	tct_shards_summary(&host->shards, 1, summary);
	text = strdup(recorder_take(&host->recorder));
	assert_non_null(text);
	tct_shards_fini(&host->shards);
	recorder_fini(&host->recorder);
	free(host);
	return text;
}

static struct told told_by(unsigned int shards, struct tct_summary *summary)
{
	struct told told = { .text = tell(shards, summary) };

	split(&told);
	return told;
}

static void told_free(struct told *told)
{
	free(told->lines);
	free(told->text);
}

/* Numbers are given in the order in which findings open: of those of one scan, any. */
static void forget_ids(struct told *told)
{
	for (size_t i = 0; i < told->count; i++) {
		char *id = strchr(told->lines[i], '#'), *end = id ? strchr(id, ' ') : NULL;

		if (end)
			memmove(id, end, strlen(end) + 1);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void test_same_events(void **state)
{
	struct tct_summary summary, other;
	struct told one = told_by(1, &summary);

	(void)state;
	assert_true(summary.findings > 30);
	assert_true(summary.illegal > 30);
	assert_true(summary.teardowns[TCT_KIND_ORDERLY_MERGED] > 100);
	forget_ids(&one);
	qsort(one.lines, one.count, sizeof(*one.lines), by_text);
	for (size_t c = 1; c < sizeof(counts) / sizeof(counts[0]); c++) {
		struct told many = told_by(counts[c], &other);

		assert_int_equal(other.shards, counts[c]);
		other.shards = summary.shards;
		assert_memory_equal(&summary, &other, sizeof(summary));
		assert_int_equal(many.count, one.count);
		forget_ids(&many);
		qsort(many.lines, many.count, sizeof(*many.lines), by_text);
		for (size_t i = 0; i < one.count; i++)
			assert_string_equal(many.lines[i], one.lines[i]);
		told_free(&many);
	}
	told_free(&one);
}

static void test_same_bytes(void **state)
{
	struct tct_summary summary;

	(void)state;
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		char *first = tell(counts[c], &summary), *second = tell(counts[c], &summary);

		assert_string_equal(first, second);
		free(first);
		free(second);
	}
}

/* "1234 move 7 SYN_SENT>ESTABLISHED 12 ...": where it goes, and where it came from. */
static bool parse_move(const char *line, unsigned int *cookie, char from[32], char to[32])
{
	return sscanf(line, "%*u move %u %31[A-Z0-9_]>%31[A-Z0-9_]", cookie, from, to) == 3;
}

static void test_order_within_a_socket(void **state)
{
	static char at[SOCKETS + 1][32];
	struct tct_summary summary;
	struct told told = told_by(4, &summary);
	unsigned int cookie, moves = 0;
	char from[32], to[32];

	(void)state;
	for (size_t i = 0; i < told.count; i++) {
		if (!parse_move(told.lines[i], &cookie, from, to))
			continue;
		moves++;
		assert_true(cookie && cookie <= SOCKETS);
		if (at[cookie][0])
			assert_string_equal(from, at[cookie]);
		else
			assert_string_equal(from, "CLOSE");
		memcpy(at[cookie], to, sizeof(to));
	}
	assert_true(moves > 4 * SOCKETS);
	for (cookie = 1; cookie <= SOCKETS; cookie++)
		assert_string_equal(at[cookie], "CLOSE");
	told_free(&told);
}

/* Between two joins the order is that of time, whichever shard told it. */
static void test_order_of_time(void **state)
{
	struct host *host = host_new(8);
	unsigned long long last = 0, at;
	char *text, *line;

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		host->now_ns++;
		move(host, i, TCT_CLOSE, TCT_SYN_SENT);
	}
	assert_string_equal(recorder_take(&host->recorder), "");
	tct_shards_join(&host->shards);
	text = strdup(recorder_take(&host->recorder));
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_int_equal(sscanf(line, "%llu move", &at), 1);
		assert_true(at > last);
		last = at;
	}
	assert_int_equal(last, host->now_ns);
	free(text);
	tct_shards_fini(&host->shards);
	recorder_fini(&host->recorder);
	free(host);
}

static struct tct_record_sock server_end(uint64_t cookie, enum tct_state from, enum tct_state to,
					 uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(cookie, from, to, time_ns);
	const struct tct_record_id own = rec.id;

	rec.id.lport = own.rport;
	rec.id.rport = own.lport;
	memcpy(rec.id.laddr, own.raddr, sizeof(own.raddr));
	memcpy(rec.id.raddr, own.laddr, sizeof(own.laddr));
	rec.segs_out = to == TCT_CLOSE_WAIT ? 5 : 6;
	rec.total_retrans = to == TCT_CLOSE;
	return rec;
}

/* A server's FIN had to be sent again, to a client whose TIME_WAIT is in another shard. */
static void test_other_end_in_another_shard(void **state)
{
	static const enum tct_state path[] = { TCT_ESTABLISHED, TCT_CLOSE_WAIT, TCT_LAST_ACK,
					       TCT_CLOSE };
	struct host *host = host_new(2);
	uint64_t server = 1, client = 2;
	struct tct_record_sock rec;
	struct tct_record_tw tw;

	(void)state;
	while (tct_shard_of(client, 2) == tct_shard_of(server, 2))
		client++;
	tw = stream_tw(TCT_REC_TW_START, client, TCT_TIME_WAIT, 40);
	feed(host, &tw);
	rec = stream_state(client, TCT_FIN_WAIT2, TCT_CLOSE, 50);
	feed(host, &rec);
	for (size_t i = 0; i < 3; i++) {
		rec = server_end(server, path[i], path[i + 1], 100 * (i + 1));
		feed(host, &rec);
		tw = stream_tw(TCT_REC_TW_REARM, client, TCT_TIME_WAIT, 100 * (i + 1) + 50);
		if (path[i + 1] == TCT_LAST_ACK)
			feed(host, &tw);
	}
	tct_shards_join(&host->shards);
	assert_int_equal(host->recorder.teardown.kind, TCT_KIND_ORDERLY);
	assert_int_equal(host->recorder.teardown.last_ack_lost, 1);
	tct_shards_fini(&host->shards);
	recorder_fini(&host->recorder);
	free(host);
}

/* Closed without the mini-socket that belongs there: that none comes is known a moment later. */
static void close_for_good(struct host *host, size_t i)
{
	struct tct_record_sock rec = stream_state(i + 1, TCT_FIN_WAIT2, TCT_CLOSE, SECOND);

	host->now_ns = SECOND;
	move(host, i, TCT_CLOSE, TCT_SYN_SENT);
	move(host, i, TCT_SYN_SENT, TCT_ESTABLISHED);
	move(host, i, TCT_ESTABLISHED, TCT_FIN_WAIT1);
	move(host, i, TCT_FIN_WAIT1, TCT_FIN_WAIT2);
	rec.flags |= TCT_SOCK_DEAD;
	feed(host, &rec);
	tct_shards_join(&host->shards);
	assert_null(strstr(recorder_take(&host->recorder), " end "));
}

/* Who settles or flushes goes on with an interval or the totals: they are told before it is back. */
static void test_told_when_settled(void **state)
{
	struct host *host = host_new(2);

	(void)state;
	close_for_good(host, 0);
	tct_shards_settle(&host->shards, 2 * SECOND);
	assert_non_null(strstr(recorder_take(&host->recorder), " end 1 "));
	close_for_good(host, 1);
	tct_shards_flush(&host->shards);
	assert_non_null(strstr(recorder_take(&host->recorder), " end 2 "));
	tct_shards_fini(&host->shards);
	recorder_fini(&host->recorder);
	free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_events),
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_order_within_a_socket),
		cmocka_unit_test(test_order_of_time),
		cmocka_unit_test(test_other_end_in_another_shard),
		cmocka_unit_test(test_told_when_settled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
