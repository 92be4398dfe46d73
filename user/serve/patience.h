/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections and how long each has gone without a whole request: the library's own time-out begins
 * anew with every byte, so that one byte a second would keep a connection for ever.
 */
#ifndef TCT_PATIENCE_H
#define TCT_PATIENCE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct tct_waiting;

struct tct_patience {
	pthread_mutex_t lock;
	struct tct_waiting *first;
	uint32_t count;
	uint64_t limit_ns;
};

void tct_patience_init(struct tct_patience *patience, uint64_t limit_ns);
void tct_patience_fini(struct tct_patience *patience);

/* A connection began; NULL: there is no memory, and it is not watched. `fd` stays open meanwhile. */
struct tct_waiting *tct_patience_add(struct tct_patience *patience, int fd, uint64_t now_ns);

/* Its request has come whole: its time begins anew. */
void tct_patience_renew(struct tct_patience *patience, struct tct_waiting *waiting,
			uint64_t now_ns);
void tct_patience_remove(struct tct_patience *patience, struct tct_waiting *waiting);

/* Shuts down those whose time is over. */
void tct_patience_tick(struct tct_patience *patience, uint64_t now_ns);

#endif
