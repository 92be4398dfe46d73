/* SPDX-License-Identifier: GPL-2.0 */
/* The command line: one table of options fills one struct. */
#ifndef TCT_OPTIONS_H
#define TCT_OPTIONS_H

#include <stdbool.h>
#include "core/fsm.h"
#include "core/pick.h"
#include "exit.h"
#include "source/filter.h"
#include "source/hooks.h"

enum tct_command { TCT_CMD_TRACE, TCT_CMD_STUCK, TCT_CMD_HIST, TCT_CMD_FSM, TCT_CMD_CHECK,
		   TCT_CMD_EXPLAIN, TCT_CMD_AUDIT, TCT_CMD_RECORD, TCT_CMD_SERVE };

enum tct_fsm_format { TCT_FSM_TEXT, TCT_FSM_DOT, TCT_FSM_MERMAID, TCT_FSM_SVG };

struct tct_options {
	enum tct_command command;
	struct tct_filter_config filter;
	const char *netns;		/* as given; NULL: not */
	enum tct_provider probes;
	const char *btf;		/* NULL: the kernel's own */
	uint32_t pid;			/* 0: all */
	uint32_t states;		/* one bit a state, 0: all */
	unsigned int types;		/* TCT_SELECT_* */
	bool clock;
	bool seconds;
	bool wide;
	bool json;
	bool verbose;
	bool live;
	bool summary;			/* --mode */
	uint64_t duration_ns;		/* 0: until a signal */
	uint64_t interval_ns;		/* 0: once, at the end */
	uint64_t threshold_ns[TCT_STATES];
	enum tct_state hist_state;
	struct tct_pick pick;		/* explain: which connections */
	enum tct_fsm_format format;
	uint64_t audit_ns;		/* between two audits; 0: none but those that are asked for */
	uint32_t max_sockets;		/* the mirror's bound; 0: by this machine's memory */
	uint32_t ring_bytes;		/* a power of two, whole pages */
	uint32_t shards;		/* 0: by the number of processors */
	const char *pin;		/* a directory of bpffs; NULL: nothing is pinned */
	bool unpin;			/* remove what is pinned there, and end */
	const char *record;		/* a file that gets the stream too; NULL: none */
	const char *flight;		/* a directory for what led to findings; NULL: none */
	bool anonymize;			/* ... with other addresses in it */
	const char *replay;		/* a file instead of this kernel; NULL: live */
	const char *config;		/* serve: the file; NULL: the usual one, if it is there */
	bool check_config;		/* read it, and end */
	const char *listen;		/* serve: as given; NULL: as the file has it */
	uint64_t given;			/* a bit a row of tct_usage_options(): was given */
	uint32_t thresholds_given;	/* a bit a state: its threshold was */
};

/*
 * Returns TCT_EXIT_OK with `*done` set when only help or the version was wanted; another code
 * after one line that says what is wrong.
 */
enum tct_exit tct_options_parse(int argc, char **argv, struct tct_options *options, bool *done);

/*
 * One option, by its letter or TCT_OPT_* of usage.h, from wherever its text comes; NULL for one that
 * takes none. What is a name is kept as it is: the text must outlive the options. Returns 0, -EINVAL
 * when it wants another text, or another negative errno; then nothing has changed.
 */
int tct_options_set(struct tct_options *options, int value, const char *text);

/* Whether the command line had it. */
bool tct_options_given(const struct tct_options *options, int value);

/* Looks for the namespace that was set, and opens it; 0 or a negative errno, untold. */
int tct_options_open_netns(struct tct_options *options);

#endif
