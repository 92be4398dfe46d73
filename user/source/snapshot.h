/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The iterators: all TCP sockets of one network namespace (the filter's, or our own), and all descriptors of all
 * processes that hold one. They deliver records, as the ring does.
 */
#ifndef TCT_SNAPSHOT_H
#define TCT_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include "../exit.h"
#include "filter.h"

struct tct_snapshot;

/* One record, 8-byte aligned; returns its size or a negative errno, which ends the run. */
typedef int (*tct_record_fn)(void *ctx, const void *data, size_t len);

/*
 * `cookies`: whether sockets that have no cookie yet get one, as those do that have events. As
 * tct_loader_attach().
 */
enum tct_exit tct_snapshot_load(struct tct_snapshot **out, const struct tct_filter_config *filter,
				bool cookies);
void tct_snapshot_free(struct tct_snapshot *snapshot);

/*
 * Sockets whose state's bit is set; mini-sockets by their substate's, all of them by TIME_WAIT's. 0
 * or a negative errno.
 */
int tct_snapshot_sockets(struct tct_snapshot *snapshot, uint32_t states, tct_record_fn fn,
			 void *ctx);

/* Descriptors of such sockets, of all processes. */
int tct_snapshot_owners(struct tct_snapshot *snapshot, uint32_t states, tct_record_fn fn,
			void *ctx);

#endif
