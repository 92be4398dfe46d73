// SPDX-License-Identifier: GPL-2.0
#include "rule.h"

#include <fnmatch.h>
#include <string.h>

/* A slash is a character as any other: "*" is meant to match a whole path. */
static bool fits(const char *pattern, const char *text)
{
	return !pattern || !fnmatch(pattern, text, 0);
}

static bool matches(const struct tct_rule *rule, const struct tct_rule_subject *who)
{
	if (rule->states && !(rule->states >> who->state & 1))
		return false;
	if (rule->ports && !(rule->ports[who->port / 64] >> who->port % 64 & 1))
		return false;
	return fits(rule->unit, who->unit) && fits(rule->cgroup, who->cgroup) &&
	       fits(rule->comm, who->comm);
}

const struct tct_rule *tct_rule_find(const struct tct_rule *rules, size_t count,
				     const struct tct_rule_subject *who)
{
	for (size_t i = 0; i < count; i++) {
		if (matches(&rules[i], who))
			return &rules[i];
	}
	return NULL;
}

/* A live run is told nothing of requests: their age is not known. */
static bool is_watched(int state)
{
	return state != TCT_NEW_SYN_RECV;
}

/* `named`: in the states that it names; else, of one that names none, in those that are on. */
static void lower(const struct tct_rule *rule, bool named, uint64_t out_ns[TCT_STATES])
{
	for (int state = 0; state < TCT_STATES; state++) {
		bool meant = named ? rule->states >> state & 1 && is_watched(state)
				   : !rule->states && out_ns[state];

		if (meant && (!out_ns[state] || rule->older_ns < out_ns[state]))
			out_ns[state] = rule->older_ns;
	}
}

void tct_rule_thresholds(const struct tct_rule *rules, size_t count,
			 const uint64_t threshold_ns[TCT_STATES], uint64_t out_ns[TCT_STATES])
{
	memcpy(out_ns, threshold_ns, sizeof(uint64_t[TCT_STATES]));
	for (int named = 1; named >= 0; named--) {
		for (size_t i = 0; i < count; i++) {
			if (rules[i].older_ns && !rules[i].ignore)
				lower(&rules[i], named, out_ns);
		}
	}
}
