/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which of the many times that a finding is told are worth a message: when it opens, when it has
 * become worse than it was ever said to be, now and then while it lasts, and when it is resolved.
 */
#ifndef TCT_REMIND_H
#define TCT_REMIND_H

#include "../core/event.h"

struct tct_remind_config {
	enum tct_severity least;	/* what was never worse is not worth any */
	uint64_t first_ns;		/* between two messages about one that lasts; doubles */
	uint64_t max_ns;		/* up to this */
};

struct tct_remind_entry {
	uint32_t id;
	enum tct_severity severity;	/* the worst it was said to be */
	uint64_t told_ns;
	uint64_t wait_ns;
};

struct tct_remind {
	struct tct_remind_config config;
	struct tct_remind_entry *entries;	/* of what was told, and is not resolved; in no order */
	size_t count;
	size_t room;
};

void tct_remind_init(struct tct_remind *remind, const struct tct_remind_config *config);
void tct_remind_fini(struct tct_remind *remind);

/* From now on; what was told stays told. */
void tct_remind_set(struct tct_remind *remind, const struct tct_remind_config *config);

/*
 * Whether to tell it; then it counts as told. One of which nothing was told is not resolved either.
 * Without memory it is told more often.
 */
bool tct_remind_wants(struct tct_remind *remind, const struct tct_finding *ev);

#endif
