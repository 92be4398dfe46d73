/* SPDX-License-Identifier: GPL-2.0 */
/* Threads that do the same thing side by side with the one that asks for it, each on its own part. */
#ifndef TCT_WORKERS_H
#define TCT_WORKERS_H

struct tct_workers;

/* `part` counts from 0, which is the caller's own. */
typedef void (*tct_workers_fn)(void *ctx, unsigned int part);

/*
 * For so many parts, 2 or more: one thread fewer, which sleep until they are asked, and
 * hold no privilege. NULL with errno.
 */
struct tct_workers *tct_workers_new(unsigned int parts, tct_workers_fn fn, void *ctx);
void tct_workers_free(struct tct_workers *workers);

/* All parts; comes back when the last one is done, and sees what all have written. */
void tct_workers_run(struct tct_workers *workers);

#endif
