/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records that came twice: while programs are replaced, those that go and those that come both send
 * each event, marked (TCT_SOCK_SECOND, TCT_TW_SECOND). A table in which a newer one may take the
 * place of an older.
 */
#ifndef TCT_REPEATS_H
#define TCT_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

#define TCT_REPEATS_MAX 4096
#define TCT_REPEATS_NS 5000000	/* both programs run in one go; an interrupt may come between */

struct tct_repeats {
	struct tct_repeat {
		uint64_t key;
		uint64_t time_ns;
		uint32_t what;
	} seen[TCT_REPEATS_MAX];
};

/* Whether the same came a moment ago, and not twice already; if not, it is noted. */
bool tct_repeats_seen(struct tct_repeats *repeats, uint64_t key, uint32_t what, uint64_t time_ns);

/* The same for what never comes again in earnest, however long ago it was. */
bool tct_repeats_once(struct tct_repeats *repeats, uint64_t key, uint32_t what);

#endif
