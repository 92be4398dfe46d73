/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When the stream is to be thinned, and when no longer. Pure: it is shown each batch, and says when
 * to change.
 *
 * A flood begins when for a second the reader left the ring more than half full, or records were
 * lost, without a quarter of a second's rest in between. It is over when for three seconds nothing
 * was lost and no more than half as many events came as when it began: as many as the full stream
 * has room for, with a margin. None begins within ten seconds of the beginning of the last.
 */
#ifndef TCT_FLOOD_H
#define TCT_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

/* A batch has been read. Counts are since the start. */
struct tct_flood_look {
	uint64_t now_ns;
	uint64_t waiting;	/* bytes that are still in the ring */
	uint64_t room;		/* bytes that it has room for */
	uint64_t attempts;	/* records that were to be sent */
	uint64_t lost;		/* ... and found no room */
};

enum tct_flood_change { TCT_FLOOD_AS_BEFORE, TCT_FLOOD_BEGINS, TCT_FLOOD_ENDS };

struct tct_flood_watch {
	bool on;
	uint64_t lost;			/* at the last look */
	uint64_t pressed_ns;		/* since when, 0: not pressed */
	uint64_t pressure_ns;		/* when it was noticed last */
	uint64_t window_ns;		/* the present window's beginning */
	uint64_t window_attempts;	/* and the counts then */
	uint64_t window_lost;
	uint64_t rate;			/* attempts a second in the last whole window */
	uint64_t limit;			/* on: a rate that the full stream has room for */
	uint64_t calm_ns;		/* on: since when the rate is below it, 0: it is not */
	uint64_t began_ns;		/* the last flood; 0: none */
};

/* All zero is a fresh one. */
enum tct_flood_change tct_flood_see(struct tct_flood_watch *watch,
				    const struct tct_flood_look *look);

/* When to look again even without a batch; UINT64_MAX for never. */
uint64_t tct_flood_deadline(const struct tct_flood_watch *watch);

#endif
