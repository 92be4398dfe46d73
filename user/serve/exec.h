/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A command that is run for findings, without a shell: the finding as one JSON object on its stdin,
 * and TCPCLOSE_STATUS, _RULE, _SEVERITY, _SERVICE and _ID in its environment. Which findings those
 * are is up to remind.h. At most TCT_EXEC_RUNS at once; so many more wait as there is room, and what
 * finds none is counted. Each is in a process group of its own, which gets SIGTERM when its time is
 * over, and SIGKILL soon after. Its stdout and stderr are our stderr.
 *
 * Nothing here waits: tct_exec_tick() starts, feeds and reaps. SIGPIPE has to be ignored.
 */
#ifndef TCT_EXEC_H
#define TCT_EXEC_H

#include "../sink/remind.h"

#define TCT_EXEC_RUNS 4
#define TCT_EXEC_WAITING 64
#define TCT_EXEC_NEVER UINT64_MAX

enum tct_exec_result { TCT_EXEC_OK, TCT_EXEC_FAILED, TCT_EXEC_TIMEOUT, TCT_EXEC_LIMITED,
		       TCT_EXEC_RESULTS };

const char *tct_exec_result_name(enum tct_exec_result result);

struct tct_exec_config {
	char *const *argv;		/* argv[0] an absolute path; NULL: nothing is run */
	uint64_t timeout_ns;
	struct tct_remind_config remind;
};

struct tct_exec;

/* NULL when there is no memory. `ops` gets the sink. What config points to must outlive it. */
struct tct_exec *tct_exec_new(const struct tct_exec_config *config, struct tct_sink *ops);

/* Kills what still runs, and waits for it. */
void tct_exec_free(struct tct_exec *exec);

/* For what is started from now on; the argv before may go. */
void tct_exec_set(struct tct_exec *exec, const struct tct_exec_config *config);

/* CLOCK_REALTIME minus CLOCK_MONOTONIC, for the JSON. */
void tct_exec_set_clock(struct tct_exec *exec, uint64_t real_offset_ns);

void tct_exec_tick(struct tct_exec *exec, uint64_t now_ns);

/* When to tick next; TCT_EXEC_NEVER. */
uint64_t tct_exec_deadline(const struct tct_exec *exec);

/* Since the start. */
uint64_t tct_exec_count(const struct tct_exec *exec, enum tct_exec_result result);

#endif
