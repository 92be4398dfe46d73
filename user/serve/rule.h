/* SPDX-License-Identifier: GPL-2.0 */
/* One [rule NAME] of the configuration: which findings it is about, and what becomes of them. */
#ifndef TCT_RULE_H
#define TCT_RULE_H

#include "../core/event.h"

#define TCT_RULE_PORT_WORDS (65536 / 64)
#define TCT_RULE_AS_JUDGED (-1)

/* Strings are the configuration's. A pattern that is NULL matches all. */
struct tct_rule {
	const char *name;
	unsigned int line;	/* where it begins */
	uint32_t states;	/* a bit each; 0: all */
	uint64_t *ports;	/* a bit each, of the service's port; NULL: all */
	const char *unit;	/* of the service's name */
	const char *cgroup;
	const char *comm;
	bool ignore;
	uint64_t older_ns;	/* its oldest socket has to be; 0: as the state's threshold has it */
	uint32_t min_sockets;	/* 0: one is enough */
	int severity;		/* or TCT_RULE_AS_JUDGED */
};

/*
 * Who holds most of a finding, as rules see it. `cgroup` is "" where that is not known, `comm`
 * where nobody holds it.
 */
struct tct_rule_subject {
	enum tct_state state;
	uint16_t port;
	const char *unit;
	const char *cgroup;
	const char *comm;
};

/* The first that matches; NULL: none does. */
const struct tct_rule *tct_rule_find(const struct tct_rule *rules, size_t count,
				     const struct tct_rule_subject *who);

/*
 * The age at which sockets of each state have to be looked at, for all rules to come true: the least
 * of the state's threshold and of those of rules that may match in it. A state that is off (0) is
 * on for a rule that names it and an age.
 */
void tct_rule_thresholds(const struct tct_rule *rules, size_t count,
			 const uint64_t threshold_ns[TCT_STATES], uint64_t out_ns[TCT_STATES]);

#endif
