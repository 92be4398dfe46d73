/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where questions wait until the thread that reads events has time: it alone touches mirror,
 * findings and figures, so nothing of these needs a lock.
 */
#ifndef TCT_DESK_H
#define TCT_DESK_H

#include <pthread.h>
#include <stdbool.h>

struct tct_desk {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	void (*work)(void *ctx);	/* that waits; NULL: none */
	void *ctx;
	bool closed;
};

void tct_desk_init(struct tct_desk *desk);
void tct_desk_fini(struct tct_desk *desk);

/*
 * By one other thread at a time: has the reader call `work` between two batches, and waits for that.
 * False when it did not within so many milliseconds, or reads no more: then it never will.
 */
bool tct_desk_ask(struct tct_desk *desk, void (*work)(void *ctx), void *ctx, int timeout_ms);

/* By the reader, after each batch. */
void tct_desk_serve(struct tct_desk *desk);

/* By the reader, when it ends. */
void tct_desk_close(struct tct_desk *desk);

#endif
