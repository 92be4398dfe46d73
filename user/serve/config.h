/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon's configuration: an INI file, and the command line, which wins. What a live run takes
 * is read by the very parsers of the command line.
 */
#ifndef TCT_SERVE_CONFIG_H
#define TCT_SERVE_CONFIG_H

#include <stdio.h>
#include "../options.h"
#include "listen.h"
#include "rule.h"

enum tct_switch { TCT_SWITCH_AUTO, TCT_SWITCH_YES, TCT_SWITCH_NO };

struct tct_alert_config {
	enum tct_switch journal;
	char **exec;		/* argv with a NULL behind it; NULL: none */
	uint64_t timeout_ns;	/* of one run of it */
	uint64_t interval_ns;	/* least time between two runs for one finding */
	enum tct_severity min_severity;
};

#define TCT_SERVE_FIXED 20

struct tct_serve_config {
	struct tct_options options;	/* the command line's, and what [trace] and [stuck] add */
	struct tct_listen listen;
	const char *address;		/* the same as given */
	uint32_t max_connections;
	uint64_t web_timeout_ns;
	bool bpf_stats;
	uint32_t max_services;
	struct tct_alert_config alert;
	struct tct_rule *rules;		/* in the file's order */
	size_t rule_count;
	/* all below is its own business */
	const char *fixed[TCT_SERVE_FIXED];	/* as given: what cannot change while running */
	char **texts;
	size_t text_count;
	bool owns_netns;
};

/*
 * The file that the options name, or the usual one if it is there, or none. Returns TCT_EXIT_USAGE
 * after a line for each mistake, "FILE:LINE: what it wants", at most 20; or TCT_EXIT_FAILURE when
 * there is no memory. Then there is nothing to give back. `options` need not outlive it, what they
 * point to must.
 */
enum tct_exit tct_serve_config_read(struct tct_serve_config *config,
				    const struct tct_options *options);

/* The same of what is open already; `name` is what mistakes are told with. */
enum tct_exit tct_serve_config_parse(struct tct_serve_config *config,
				     const struct tct_options *options, const char *name, FILE *in);

void tct_serve_config_fini(struct tct_serve_config *config);

/*
 * After it was read again: tells in one line what of `next` will not come into force before the
 * next start. Returns whether there is any.
 */
bool tct_serve_config_tell_fixed(const struct tct_serve_config *now,
				 const struct tct_serve_config *next);

#endif
