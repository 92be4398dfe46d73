// SPDX-License-Identifier: GPL-2.0
#include "board.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LASTING_NS (3600 * 1000000000ull)

/* Where a finding is, or belongs. */
static size_t place_of(const struct tct_board *board, uint32_t id)
{
	size_t from = 0, to = board->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (board->entries[middle].id < id)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

struct tct_board_entry *tct_board_find(const struct tct_board *board, uint32_t id)
{
	size_t i = place_of(board, id);

	return i < board->count && board->entries[i].id == id ? &board->entries[i] : NULL;
}

size_t tct_board_after(const struct tct_board *board, uint32_t id)
{
	return id < UINT32_MAX ? place_of(board, id + 1) : board->count;
}

static int make_room(struct tct_board *board)
{
	size_t room = board->room ? 2 * board->room : 16;
	struct tct_board_entry *entries;

	if (board->count >= TCT_BOARD_MAX)
		return -ENOSPC;
	if (board->count < board->room)
		return 0;
	entries = realloc(board->entries, room * sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	board->entries = entries;
	board->room = room;
	return 0;
}

static struct tct_board_entry *insert(struct tct_board *board, const struct tct_finding *ev)
{
	size_t i = place_of(board, ev->id);
	char service[TCT_SERVICE_LEN];

	if (make_room(board)) {
		board->missed++;
		return NULL;
	}
	memmove(&board->entries[i + 1], &board->entries[i],
		(board->count++ - i) * sizeof(*board->entries));
	tct_service_of(ev, service);
	board->entries[i] = (struct tct_board_entry){
		.id = ev->id, .rule = ev->rule, .state = ev->state,
		.service = tct_services_take(&board->services, service, ev->state, ev->mono_ns),
	};
	return &board->entries[i];
}

static void take_down(struct tct_board *board, struct tct_board_entry *entry, uint64_t now_ns)
{
	size_t behind = (size_t)(board->entries + board->count - entry) - 1;

	tct_services_drop(&board->services, entry->service, now_ns);
	free(entry->json);
	memmove(entry, entry + 1, behind * sizeof(*entry));
	board->count--;
}

/* The line that the JSON sink makes of it. */
static void print(struct tct_board *board, struct tct_board_entry *entry,
		  const struct tct_finding *ev)
{
	char *json;

	rewind(board->line);
	board->print.finding(board->print.ctx, ev);
	if (fflush(board->line) || !board->size)
		return;
	json = malloc(board->size);
	if (!json)
		return;
	free(entry->json);
	entry->len = board->size - 1;
	memcpy(json, board->text, entry->len);
	json[entry->len] = '\0';
	entry->json = json;
}

/* What held it may have passed it on. */
static void see_service(struct tct_board *board, struct tct_board_entry *entry,
			const struct tct_finding *ev)
{
	char service[TCT_SERVICE_LEN];

	tct_service_of(ev, service);
	if (!strcmp(board->services.slots[entry->service].name, service))
		return;
	entry->service = tct_services_move(&board->services, entry->service, service, ev->state,
					   ev->mono_ns);
}

static void on_finding(void *ctx, const struct tct_finding *ev)
{
	struct tct_board *board = ctx;
	struct tct_board_entry *entry = tct_board_find(board, ev->id);

	if (ev->status == TCT_RESOLVED) {
		if (entry)
			take_down(board, entry, ev->mono_ns);
		return;
	}
	if (entry)
		see_service(board, entry, ev);
	else
		entry = insert(board, ev);
	if (!entry)
		return;
	entry->severity = ev->severity;
	entry->standing_count = ev->count;
	entry->oldest_ns = ev->oldest_ns;
	entry->told_ns = ev->mono_ns;
	entry->outlook = (struct tct_outlook){ -1, TCT_UNKNOWN, TCT_UNKNOWN, TCT_UNKNOWN };
	if (ev->outlook)
		entry->outlook = *ev->outlook;
	print(board, entry, ev);
}

void tct_board_tick(struct tct_board *board, uint64_t now_ns)
{
	for (size_t i = board->count; i-- > 0;) {
		struct tct_board_entry *entry = &board->entries[i];

		if (entry->oldest_ns == TCT_UNKNOWN && now_ns - entry->told_ns >= LASTING_NS)
			take_down(board, entry, now_ns);
	}
}

void tct_board_set_clock(struct tct_board *board, uint64_t real_offset_ns)
{
	board->printer.real_offset_ns = real_offset_ns;
	board->printer.stamp[0] = '\0';
}

int tct_board_init(struct tct_board *board, uint32_t max_services, struct tct_sink *ops)
{
	*board = (struct tct_board){ 0 };
	board->line = open_memstream(&board->text, &board->size);
	if (!board->line)
		return -ENOMEM;
	tct_sink_json_init(&board->printer, board->line, 0, &board->print);
	*ops = (struct tct_sink){ .ctx = board, .finding = on_finding };
	return tct_services_init(&board->services, max_services);
}

void tct_board_fini(struct tct_board *board)
{
	for (size_t i = 0; i < board->count; i++)
		free(board->entries[i].json);
	free(board->entries);
	if (board->line)
		fclose(board->line);
	free(board->text);
	tct_services_fini(&board->services);
}
