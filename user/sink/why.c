// SPDX-License-Identifier: GPL-2.0
#include "why.h"

#include <stdio.h>
#include <string.h>
#include "format.h"

struct words {
	char *out;
	size_t size;
	size_t len;
};

/* What does not fit is cut. */
static void put(struct words *words, const char *text)
{
	size_t room = words->size - words->len - 1;
	size_t len = strnlen(text, room);

	memcpy(words->out + words->len, text, len);
	words->len += len;
	words->out[words->len] = '\0';
}

static void begin(struct words *words)
{
	if (words->len)
		put(words, "; ");
}

/* 1,448 */
static void put_number(struct words *words, int64_t value)
{
	char text[8];

	if (value >= 1000)
		put_number(words, value / 1000);
	snprintf(text, sizeof(text), value >= 1000 ? ",%03d" : "%d", (int)(value % 1000));
	put(words, text);
}

static void put_counted(struct words *words, int64_t count, const char *what)
{
	put_number(words, count);
	put(words, what);
	put(words, count == 1 ? "" : "s");
}

static void put_duration(struct words *words, const char *before, int64_t ns)
{
	char text[16];

	tct_format_duration(ns > 0 ? ns : 0, text, sizeof(text));
	put(words, before);
	put(words, text);
}

static void put_tries(struct words *words, const struct tct_lingering *why)
{
	bool probes = why->retransmits <= 0;

	if (why->retransmits <= 0 && why->probes <= 0)
		return;
	begin(words);
	put_counted(words, probes ? why->probes : why->retransmits,
		    probes ? " window probe" : " retransmission");
	if (why->limit != TCT_UNKNOWN) {
		put(words, " of at most ");
		put_number(words, why->limit);
	}
	if (why->next_ns != TCT_UNKNOWN)
		put_duration(words, ", next in ", why->next_ns);
}

static void put_unanswered(struct words *words, const struct tct_lingering *why, uint32_t count)
{
	if (why->unacked_bytes > 0) {
		begin(words);
		put_counted(words, why->unacked_bytes, " byte");
		put(words, " not acknowledged");
	}
	if (why->zero_window > 0) {
		begin(words);
		put(words, "the peer's window is closed");
		if (count > 1) {
			put(words, " for ");
			put_number(words, why->zero_window);
		}
	}
	if (why->kept_ns != TCT_UNKNOWN) {
		begin(words);
		put_duration(words, "the kernel lets go in ", why->kept_ns);
	}
}

/* Descriptors are told when they may run out. */
static void put_outlook(struct words *words, const struct tct_outlook *outlook)
{
	bool grows = outlook->growth_per_s > 0;
	char rate[32];

	if (grows) {
		begin(words);
		snprintf(rate, sizeof(rate), "%.3g more each second", outlook->growth_per_s);
		put(words, rate);
	}
	if (outlook->fd_limit != TCT_UNKNOWN &&
	    (grows || outlook->fd_open >= outlook->fd_limit / 2)) {
		begin(words);
		put_number(words, outlook->fd_open);
		put(words, " of ");
		put_counted(words, outlook->fd_limit, " descriptor");
		put(words, " open");
	}
	if (outlook->eta_ns != TCT_UNKNOWN)
		put_duration(words, ", the last in ", outlook->eta_ns);
}

void tct_why_format(const struct tct_finding *ev, char *out, size_t size)
{
	struct words words = { .out = out, .size = size };

	*out = '\0';
	if (ev->why) {
		put_tries(&words, ev->why);
		put_unanswered(&words, ev->why, ev->count);
	}
	if (ev->outlook)
		put_outlook(&words, ev->outlook);
}
