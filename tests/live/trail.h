/* SPDX-License-Identifier: GPL-2.0 */
/* The events of one socket, in order, among all that a tracer has shown. */
#ifndef LIVE_TRAIL_H
#define LIVE_TRAIL_H

#include "sockets.h"
#include "tracer.h"

/*
 * A socket is known by its cookie. Where nothing but a program's asking makes one (kernels before
 * 6.1; probes without types) its first events show null: those are known by their addresses and
 * ports, up to the first event that shows the cookie, and no further.
 */
struct trail {
	const struct tracer *tracer;
	const struct end *end;
	size_t next;
	size_t known;	/* the first event with its cookie, or how many there are */
};

struct trail trail_of(const struct tracer *t, const struct end *end);

/* The next of that type; NULL when there is none yet. */
const json_t *trail_next(struct trail *trail, const char *type);

#endif
