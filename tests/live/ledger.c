// SPDX-License-Identifier: GPL-2.0
/* The books of a flood: too many transitions to keep, so each is entered and let go. */
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "fatal.h"
#include "ledger.h"

#define ROWS (1u << 19)		/* a power of two, several times the sockets of any flood */
#define CLOSED 6		/* index of CLOSE below */

struct ledger_row {
	uint64_t cookie;	/* 0 is a free row */
	int state;
};

static const char *const names[LEDGER_STATES] = {
	"ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
	"CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV",
};

struct ledger ledger_open(void)
{
	struct ledger l = { .rows = calloc(ROWS, sizeof(*l.rows)) };

	fatal_unless(l.rows, "memory");
	return l;
}

void ledger_close(struct ledger *l)
{
	free(l->rows);
}

static int state_of(const char *name)
{
	int i;

	for (i = 0; i < LEDGER_STATES; i++)
		if (!strcmp(name, names[i]))
			return i;
	fatal_unless(false, name);
	return -1;
}

static struct ledger_row *row_of(struct ledger *l, uint64_t cookie)
{
	uint32_t i = cookie * 0x9e3779b97f4a7c15ULL >> 40;

	for (;; i++) {
		struct ledger_row *row = &l->rows[i & (ROWS - 1)];

		if (!row->cookie || row->cookie == cookie)
			return row;
	}
}

static void enter_step(struct ledger *l, uint64_t cookie, int from, int to)
{
	struct ledger_row *row = row_of(l, cookie);

	if (!row->cookie) {
		row->cookie = cookie;
		l->sockets++;
	} else if (row->state != from) {
		l->broken++;
	}
	row->state = to;
	l->pairs[from][to]++;
	l->closed += to == CLOSED;
}

static bool is_at(const json_t *event, const char *port, const char *address,
		  const struct end *listener)
{
	return event_has_number(event, port, listener->lport) &&
	       event_has_text(event, address, listener->laddr);
}

/* One end of a connection to a listener, which itself has no remote port. */
static bool concerns(const struct ledger *l, const json_t *event)
{
	int i;

	for (i = 0; i < 2; i++)
		if (is_at(event, "lport", "laddr", &l->listeners[i]) ||
		    is_at(event, "rport", "raddr", &l->listeners[i]))
			return event_number(event, "rport") != 0;
	return false;
}

bool ledger_enter(const json_t *event, void *ledger)
{
	struct ledger *l = ledger;

	if (!event_has_text(event, "type", "transition"))
		return true;
	if (!concerns(l, event))
		return false;
	enter_step(l, event_number(event, "cookie"), state_of(event_text(event, "from")),
		   state_of(event_text(event, "to")));
	return !event_flag(event, "legal");
}

uint32_t ledger_count(const struct ledger *l, const char *from, const char *to)
{
	int f, t, wanted_from = from ? state_of(from) : -1, wanted_to = to ? state_of(to) : -1;
	uint32_t count = 0;

	for (f = 0; f < LEDGER_STATES; f++)
		for (t = 0; t < LEDGER_STATES; t++)
			if ((!from || f == wanted_from) && (!to || t == wanted_to))
				count += l->pairs[f][t];
	return count;
}
