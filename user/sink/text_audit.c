// SPDX-License-Identifier: GPL-2.0
#include "text_audit.h"

#include <stdio.h>
#include <string.h>
#include "format.h"

#define WIDTH 80
#define INDENT 4

struct line {
	char text[512];
	size_t len;
};

/* `len`: what snprintf() wanted to add; it may have been cut. */
static void grow(struct line *line, int len)
{
	size_t room = sizeof(line->text) - line->len;

	line->len += len < 0 ? 0 : (size_t)len < room ? (size_t)len : room - 1;
}

#define ADD(line, ...) \
	grow(line, snprintf((line)->text + (line)->len, sizeof((line)->text) - (line)->len, \
			    __VA_ARGS__))

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

uint32_t tct_text_drift(const struct tct_audit *ev)
{
	uint32_t drift = 0;

	for (int d = 0; d < TCT_DRIFTS; d++)
		drift += ev->drift[d];
	return drift;
}

void tct_text_difference(const struct tct_text_config *config, int column,
			 const struct tct_difference *ev)
{
	const struct tct_tuple *tuple = &ev->who.tuple;
	const char *mirror = tct_state_name(ev->mirror), *kernel = tct_state_name(ev->kernel);
	char local[TCT_ENDPOINT_LEN], remote[TCT_ENDPOINT_LEN];
	struct line line = { .len = 0 };

	tct_format_endpoint(tuple->laddr, tuple->family, tuple->lport, 0, local);
	tct_format_endpoint(tuple->raddr, tuple->family, tuple->rport, 0, remote);
	column += fprintf(config->out, "DIFFERENCE");
	ADD(&line, "%s to %s: ", local, remote);
	switch (ev->drift) {
	case TCT_DRIFT_MISSING:
		ADD(&line, "%s in the kernel, missing in the mirror", kernel);
		break;
	case TCT_DRIFT_GHOST:
		ADD(&line, "%s in the mirror, gone from the kernel", mirror);
		break;
	case TCT_DRIFT_STATE:
		ADD(&line, "%s in the mirror, %s in the kernel", mirror, kernel);
		break;
	case TCT_DRIFTS:
		break;
	}
	tct_format_wrap(config->out, line.text, column, INDENT, config->wide ? 10000 : WIDTH);
}

static void add_drift(struct line *line, const struct tct_audit *ev)
{
	static const char *const words[TCT_DRIFTS] = {
		[TCT_DRIFT_MISSING] = "missing", [TCT_DRIFT_GHOST] = "gone from the kernel",
		[TCT_DRIFT_STATE] = "in another state",
	};
	const char *before = ", repaired: ";

	for (int d = 0; d < TCT_DRIFTS; d++) {
		if (!ev->drift[d])
			continue;
		ADD(line, "%s%u %s", before, ev->drift[d], words[d]);
		before = ", ";
	}
}

void tct_text_audit(const struct tct_text_config *config, int column, const struct tct_audit *ev)
{
	uint32_t drift = tct_text_drift(ev);
	struct line line = { .len = 0 };
	char took[16];

	tct_format_duration((int64_t)ev->duration_ns, took, sizeof(took));
	column += fprintf(config->out, "audit:");
	ADD(&line, "%u difference%s", drift, plural(drift));
	add_drift(&line, ev);
	ADD(&line, "; %u socket%s in %u network namespace%s", ev->kernel, plural(ev->kernel),
	    ev->namespaces, plural(ev->namespaces));
	if (!ev->complete)
		ADD(&line, ", not all of which could be read");
	if (ev->requests)
		ADD(&line, "; %u connection request%s", ev->requests, plural(ev->requests));
	if (ev->beyond)
		ADD(&line, "; %u beyond the mirror's bound (--max-sockets)", ev->beyond);
	if (ev->races)
		ADD(&line, "; %u changed while being read", ev->races);
	ADD(&line, "; took %s", took);
	tct_format_wrap(config->out, line.text, column, INDENT, WIDTH);
}

void tct_text_flood(const struct tct_text_config *config, const struct tct_flood *ev)
{
	struct line line = { .len = 0 };
	char took[16];

	if (!ev->over) {
		ADD(&line, "flood: more events than can be read: until it is over, transitions are "
			   "only counted; findings go on");
	} else {
		tct_format_duration((int64_t)ev->duration_ns, took, sizeof(took));
		ADD(&line, "flood over after %s: %llu transition%s counted, not shown", took,
		    (unsigned long long)ev->transitions, ev->transitions == 1 ? " was" : "s were");
	}
	tct_format_wrap(config->messages, line.text, 0, 0, WIDTH);
}

void tct_text_loss(const struct tct_text_config *config, const struct tct_loss *ev)
{
	static const char *const words[TCT_LOSS_PLACES] = {
		[TCT_LOSS_RING] = "events so far: the ring buffer was full (--ring)",
		[TCT_LOSS_HOOK] = "events so far: the kernel skipped our programs",
		[TCT_LOSS_MIRROR] = "sockets so far: beyond the mirror's bound (--max-sockets)",
		[TCT_LOSS_SINK] = "lines so far: the reader of the output is too slow",
	};
	struct line line = { .len = 0 };

	ADD(&line, "lost %llu %s", (unsigned long long)ev->count, words[ev->where]);
	tct_format_wrap(config->messages, line.text, 0, 0, WIDTH);
}
