/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In front of the sinks of findings: applies the configuration's rules. Of each finding the first
 * rule that matches decides, by who holds most of it; who matches none has the threshold of its
 * state. What is told downstream is whole in itself: opened, updated and resolved in this order,
 * where a finding is resolved, too, once no rule lets it through any more, and may open again.
 *
 * A finding is let through when its oldest socket is old enough and it has sockets enough; once it
 * is open, half of so many are. Illegal transitions, and all that is no finding, pass as they are.
 */
#ifndef TCT_RULES_H
#define TCT_RULES_H

#include "../core/event.h"
#include "rule.h"

#define TCT_RULES_NEVER UINT64_MAX

struct tct_rules_config {
	const struct tct_sink *next;
	/*
	 * How many sockets a finding has now, and when the oldest entered its state: what was told of
	 * it is old when it becomes due. False: it is not open any more. NULL: as it was told.
	 */
	bool (*look_up)(void *ctx, uint32_t id, uint32_t *count, uint64_t *entered_ns);
	void *ctx;
};

struct tct_rules_entry {
	uint32_t id;
	bool open;			/* downstream */
	enum tct_severity severity;	/* as told there last */
	uint64_t opened_ns;		/* there */
	uint64_t due_ns;		/* it is held back until then; TCT_RULES_NEVER */
	const struct tct_rule *rule;	/* NULL: none matches */
	struct tct_finding *ev;		/* as the core told it last */
};

struct tct_rules {
	struct tct_rules_config config;
	const struct tct_rule *list;
	size_t count;
	uint64_t threshold_ns[TCT_STATES];
	struct tct_rules_entry *entries;	/* of all that the core has open, by id */
	size_t entry_count;
	size_t room;
};

/* `ops` gets the sink in front; `rules` must not move. There are no rules and no thresholds yet. */
void tct_rules_init(struct tct_rules *rules, const struct tct_rules_config *config,
		    struct tct_sink *ops);
void tct_rules_fini(struct tct_rules *rules);

/*
 * From now on these apply, also to what is open: it is resolved, opened or told with another
 * severity at once. `list` must outlive them; the list before may go. `threshold_ns` is that of
 * [stuck], 0: off. The detector's own thresholds are to be those of tct_rule_thresholds().
 */
void tct_rules_set(struct tct_rules *rules, const struct tct_rule *list, size_t count,
		   const uint64_t threshold_ns[TCT_STATES], uint64_t now_ns);

/* Opens what has become due. */
void tct_rules_tick(struct tct_rules *rules, uint64_t now_ns);

/* When to tick next; TCT_RULES_NEVER. */
uint64_t tct_rules_deadline(const struct tct_rules *rules);

#endif
