/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a run knows, for the thread that answers requests: all of it is read by the thread that
 * reads events, between two batches (desk.h).
 */
#ifndef TCT_FIGURES_H
#define TCT_FIGURES_H

#include "../core/shards.h"
#include "../sink/board.h"
#include "../sink/diagram.h"
#include "../sink/exposition.h"
#include "../source/loader.h"

struct tct_figures {
	const struct tct_shards *shards;	/* NULL: what was there is not known yet */
	const struct tct_loader *loader;	/* NULL: nothing is attached yet */
	bool costs;		/* our programs' run time is known (bpf-stats) */
	struct tct_metrics metrics;
	struct tct_ports ports;
	struct tct_board board;
	struct tct_diagram diagram;
	uint64_t real_offset_ns;	/* CLOCK_REALTIME minus CLOCK_MONOTONIC */
	uint64_t start_ns;
};

/* The sinks that feed it, in `out`, TCT_FIGURES_SINKS of them. 0 or -ENOMEM. It must not move. */
int tct_figures_init(struct tct_figures *figures, uint32_t max_services, uint16_t first_port,
		     uint16_t last_port, struct tct_sink *out);
#define TCT_FIGURES_SINKS 3
void tct_figures_fini(struct tct_figures *figures);

/* The kernel chooses from these ports now, inclusive. */
void tct_figures_set_ports(struct tct_figures *figures, uint16_t first, uint16_t last);

/* Counts and ages as they stand now. `out` is zero before; tct_snapshot_clear() frees it. */
void tct_figures_take(struct tct_figures *figures, uint64_t now_ns, struct tct_snapshot *out);

/*
 * Answers of the API, each an object and a line end, in memory that the caller frees; NULL: there is
 * none. Findings: those open whose id is above `after`, `limit` of them (1 or more).
 */
char *tct_figures_findings(const struct tct_figures *figures, uint32_t after, size_t limit,
			   uint64_t now_ns);
char *tct_figures_fsm(const struct tct_figures *figures, uint64_t now_ns);

/* Sockets of one state: where to go on, and how many are wanted still. */
struct tct_socket_page {
	enum tct_state state;
	unsigned int shard;
	uint64_t cursor;	/* of the shard's buckets */
	uint32_t limit;
	bool more;		/* there may be */
	char *json;		/* the objects so far, separated by commas, malloc'd */
	size_t len;
	uint32_t count;
	uint32_t total;		/* of that state, now */
};

/* Walks on, but not for long: false when it is to be called again. */
bool tct_figures_sockets(const struct tct_figures *figures, struct tct_socket_page *page,
			 uint64_t now_ns);

#endif
