/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A snapshot of all figures as text, for Prometheus (0.0.4) or as OpenMetrics (1.0.0). Labels are
 * bounded: states, reasons, kinds, rules, and as many services as the board allows.
 */
#ifndef TCT_EXPOSITION_H
#define TCT_EXPOSITION_H

#include <stdio.h>
#include "../core/cost.h"
#include "metrics.h"
#include "services.h"

#define TCT_COSTS_MAX 64
#define TCT_RULES_MAX 8
#define TCT_SEVERITIES 3

struct tct_rule_count {
	const char *rule;
	uint32_t open[TCT_SEVERITIES];
};

/* What a service's findings come to. */
struct tct_service_row {
	char name[TCT_SERVICE_LEN];
	uint32_t states;		/* one bit for each that is to be shown, if with 0 */
	uint32_t stuck[TCT_STATES];	/* sockets */
	uint32_t open[TCT_RULES_MAX][TCT_SEVERITIES];	/* the same by finding */
	int64_t oldest_ns;		/* in CLOSE_WAIT; TCT_UNKNOWN: none */
	double growth_per_s;		/* likewise; 0: it does not grow, or nobody knows */
	int64_t eta_ns;			/* until a process has no descriptor left, the least */
	int64_t fd_open, fd_limit;	/* of that process; TCT_UNKNOWN */
};

/* Of commands that were run for findings. */
#define TCT_RESULTS_MAX 4
struct tct_result_count {
	const char *result;
	uint64_t count;
};

struct tct_snapshot {
	struct tct_counters counters;
	uint32_t sockets[TCT_STATES];
	uint64_t mirrored;
	uint64_t events;
	uint64_t illegal;
	uint64_t repaired;
	uint64_t lost[TCT_LOSS_PLACES];
	uint64_t ports_most, ports;	/* TIME_WAIT's, of one destination; there are */
	struct tct_rule_count rules[TCT_RULES_MAX];
	size_t rule_count;
	struct tct_service_row *services;
	size_t service_count;
	uint64_t folded;
	struct tct_cost costs[TCT_COSTS_MAX];
	size_t cost_count;
	struct tct_result_count execs[TCT_RESULTS_MAX];
	size_t exec_count;
	double start_s;			/* Unix time */
	uint64_t real_offset_ns;	/* CLOCK_REALTIME minus CLOCK_MONOTONIC */
};

#define TCT_HTTP_CODES 600

/* `codes`: answers by HTTP status, TCT_HTTP_CODES of them; NULL: none. */
void tct_exposition_write(const struct tct_snapshot *snapshot, const uint64_t *codes,
			  bool openmetrics, FILE *out);

extern const char tct_exposition_prometheus[];	/* the media types */
extern const char tct_exposition_openmetrics[];

/* Frees what the snapshot has allocated. */
void tct_snapshot_clear(struct tct_snapshot *snapshot);

#endif
