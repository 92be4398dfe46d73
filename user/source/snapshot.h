/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The iterators, in the thread that asks: all TCP sockets of the network namespace that the thread
 * is in, and what all processes hold. They deliver records, as the ring does. Owners may be read
 * while another thread reads sockets; else one run at a time. All namespaces, and off the hot path:
 * survey.h.
 */
#ifndef TCT_SNAPSHOT_H
#define TCT_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include "../core/fsm.h"
#include "../exit.h"
#include "filter.h"

struct tct_snapshot;

/* One record, 8-byte aligned; returns its size or a negative errno, which ends the run. */
typedef int (*tct_record_fn)(void *ctx, const void *data, size_t len);

enum tct_iterator {
	TCT_ITER_SOCKETS,	/* TCT_REC_SOCK, _FOUND, _TW_SOCK: of the thread's namespace */
	TCT_ITER_STAYS,		/* TCT_REC_STAYS: likewise, of those that are to be told now */
	TCT_ITER_PRESENT,	/* TCT_REC_PRESENT: likewise, of all states and keys */
	TCT_ITER_OWNERS,	/* TCT_REC_OWNER: descriptors of sockets, of all processes */
	TCT_ITER_THREADS,	/* TCT_REC_HOLDER: every thread and its namespaces */
	TCT_ITER_FILES,		/* TCT_REC_HOLDER: open files that hold a namespace; repeats some */
	TCT_ITERATORS
};

/* --mode=summary: what the hooks keep of sockets, and which of these are to be told. */
struct tct_snapshot_maps {
	int stays_fd;
	int minis_fd;
};

/* What the iterator has added to them since the start, and what it found no room for then. */
struct tct_snapshot_kept {
	uint64_t made;
	uint64_t unkept;
};

struct tct_snapshot_stays {
	uint64_t least_ns[TCT_STATES];	/* those that have been in this state for so long */
	uint32_t epoch;			/* ... and have not been told in it; not 0 */
	bool keeps_minis;		/* mini-sockets are made known to the hooks */
};

struct tct_snapshot_config {
	const struct tct_filter_config *filter;	/* with a netns_fd, no _THREADS and no _FILES */
	bool cookies;	/* sockets that have none yet get one, where the kernel makes any */
	bool once;	/* nothing is audited: no TCT_ITER_PRESENT */
	const struct tct_snapshot_maps *maps;	/* NULL: none, and no TCT_ITER_STAYS */
};

/* As tct_loader_attach(). What the kernel does not have to verify need not be waited for. */
enum tct_exit tct_snapshot_load(struct tct_snapshot **out,
				const struct tct_snapshot_config *config);
void tct_snapshot_free(struct tct_snapshot *snapshot);

/*
 * What the next runs are to tell: sockets whose state's bit is set; mini-sockets by their
 * substate's, all of them by TIME_WAIT's. And the descriptors of which sockets, likewise.
 */
void tct_snapshot_want_states(struct tct_snapshot *snapshot, uint32_t states);
void tct_snapshot_want_owners(struct tct_snapshot *snapshot, uint32_t states);
void tct_snapshot_want_stays(struct tct_snapshot *snapshot,
			     const struct tct_snapshot_stays *stays);
struct tct_snapshot_kept tct_snapshot_kept(const struct tct_snapshot *snapshot);

/*
 * And of these only the ones with such a cookie, or address with TCT_KEY_ADDRESS, and no request.
 * None, and more than TCT_KEYS_MAX, are no restriction. 0 or a negative errno.
 */
int tct_snapshot_want_keys(struct tct_snapshot *snapshot, const uint64_t *keys, size_t count);

/*
 * Every network namespace that the kernel had when TCT_ITER_THREADS ran last, whoever holds it.
 * NULL when it is not known.
 */
const struct tct_namespace *tct_snapshot_namespaces(const struct tct_snapshot *snapshot, size_t *count);

/* One run. 0 or a negative errno. */
int tct_snapshot_read(struct tct_snapshot *snapshot, enum tct_iterator which, tct_record_fn fn,
		      void *ctx);

#endif
