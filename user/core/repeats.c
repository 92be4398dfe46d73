// SPDX-License-Identifier: GPL-2.0
#include "repeats.h"

static struct tct_repeat *place(struct tct_repeats *repeats, uint64_t key, uint32_t what)
{
	uint64_t hash = (key ^ (uint64_t)what << 40) * 0x9E3779B97F4A7C15ull;

	return &repeats->seen[hash >> 52];
}

_Static_assert(TCT_REPEATS_MAX == 1 << 12, "twelve bits of the hash");

bool tct_repeats_seen(struct tct_repeats *repeats, uint64_t key, uint32_t what, uint64_t time_ns)
{
	struct tct_repeat *at = place(repeats, key, what);

	if (at->key == key && at->what == what && time_ns - at->time_ns <= TCT_REPEATS_NS) {
		*at = (struct tct_repeat){ 0 };
		return true;
	}
	*at = (struct tct_repeat){ key, time_ns, what };
	return false;
}

bool tct_repeats_once(struct tct_repeats *repeats, uint64_t key, uint32_t what)
{
	struct tct_repeat *at = place(repeats, key, what);

	if (at->key == key && at->what == what)
		return true;
	*at = (struct tct_repeat){ .key = key, .what = what };
	return false;
}
