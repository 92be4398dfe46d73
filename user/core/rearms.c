// SPDX-License-Identifier: GPL-2.0
#include "rearms.h"

#include <string.h>

void tct_rearms_add(struct tct_rearms *rearms, const struct tct_tuple *tuple, uint64_t mono_ns)
{
	unsigned int at = rearms->at++ % TCT_REARMS_MAX;

	rearms->seen[at].mono_ns = mono_ns;
	rearms->seen[at].tuple = *tuple;
}

static bool are_ends(const struct tct_tuple *a, const struct tct_tuple *b)
{
	return a->lport == b->rport && a->rport == b->lport &&
	       !memcmp(a->laddr, b->raddr, sizeof(a->laddr)) &&
	       !memcmp(a->raddr, b->laddr, sizeof(a->raddr));
}

bool tct_rearms_of_peer(const struct tct_rearms *rearms, const struct tct_tuple *tuple,
			uint64_t since_ns)
{
	for (unsigned int i = 0; i < TCT_REARMS_MAX; i++) {
		if (rearms->seen[i].mono_ns >= since_ns && rearms->seen[i].mono_ns &&
		    are_ends(&rearms->seen[i].tuple, tuple))
			return true;
	}
	return false;
}
