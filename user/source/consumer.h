/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reading end of slots, or of a BPF ring buffer (kernel/bpf/ringbuf.c). libbpf's own tells the
 * kernel of each record as soon as it was handed on; here that can be held back, so that what was
 * read and not yet taken in for good is still there after a kill.
 */
#ifndef TCT_CONSUMER_H
#define TCT_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "slots.h"
#include "snapshot.h"

struct tct_consumer {
	volatile unsigned long *consumed;	/* the kernel's page that we write */
	const volatile unsigned long *produced;	/* and the one that we only read */
	const char *data;
	size_t size;				/* of the ring */
	bool slots;				/* records in slots, else each behind a header */
	/* slots: a record of several, put together */
	_Alignas(8) char whole[TCT_SLOT_PARTS_MAX * TCT_SLOT_PART];
	unsigned long position;			/* of the next record */
	unsigned long end;			/* where the programs were when it was last looked at */
	unsigned long ahead;			/* of the next that was not foreseen */
	unsigned long fetched;			/* the end of what is on its way into the cache */
	int foreseen;				/* records from `position` on that were */
	void (*foresee)(void *ctx, const void *data, size_t len);	/* NULL: nobody is told */
	void *foresee_ctx;
	bool held;
	bool more;				/* the last drain ended at its bound */
	bool busy;				/* ... at a record that is being written */
};

/* Negative errno. */
int tct_consumer_open(struct tct_consumer *consumer, int map_fd);
int tct_consumer_open_slots(struct tct_consumer *consumer, const struct tct_slots *slots,
			    unsigned int shard);
void tct_consumer_close(struct tct_consumer *consumer);

/* fn() is told of each record some time before it is handed on: to prepare, nothing more. */
void tct_consumer_foresee(struct tct_consumer *consumer,
			  void (*fn)(void *ctx, const void *data, size_t len), void *ctx);

/* From here on only tct_consumer_release() tells the kernel; reading goes on at `position`. */
void tct_consumer_hold(struct tct_consumer *consumer, uint64_t position);
void tct_consumer_release(struct tct_consumer *consumer);

/*
 * Hands on at most `max` records, and of what is held back no more than a quarter of the ring. How
 * many, or fn()'s negative errno; that record counts as read. The kernel is told at the end, and on
 * the way there before it matters.
 */
int tct_consumer_drain(struct tct_consumer *consumer, int max, tct_record_fn fn, void *ctx);

/* Where the programs will write next: what is being written is before it. */
uint64_t tct_consumer_end(const struct tct_consumer *consumer);

/* Transitions of full sockets that wait to be read. */
uint64_t tct_consumer_waiting(const struct tct_consumer *consumer);

#endif
