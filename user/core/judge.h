/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verdict on one socket that lingers. Pure; says TCT_VERDICT_NONE where nothing is proven.
 */
#ifndef TCT_JUDGE_H
#define TCT_JUDGE_H

#include "facts.h"

struct tct_case {
	enum tct_state state;
	const struct tct_fact *fact;
	bool held;		/* some process has a descriptor */
	bool passed_on;		/* some have, and the one that opened or accepted it has none */
	uint64_t recent_ns;	/* what was sent or heard within this is going on */
};

enum tct_verdict tct_judge(const struct tct_case *c);

#endif
