// SPDX-License-Identifier: GPL-2.0
#include "pace.h"

#define SHARE 20
#define SAVED_NS 120000000000ull
#define SHORT_NS 20000000	/* so late a finding may open */
#define MARGIN_NS 20000000	/* to begin, and to take what was read */

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

void tct_pace_started(struct tct_pace *pace, uint64_t begin_ns, uint64_t now_ns,
		      uint64_t least_ns)
{
	pace->took_ns = now_ns - begin_ns;
	pace->rests_ns = now_ns + least_ns;
}

void tct_pace_scanned(struct tct_pace *pace, uint64_t begin_ns, uint64_t now_ns,
		      uint64_t least_ns)
{
	tct_pace_started(pace, begin_ns, now_ns, least_ns);
	pace->paid_ns = later(pace->paid_ns, now_ns) + pace->took_ns * SHARE;
}

void tct_pace_failed(struct tct_pace *pace, uint64_t now_ns, uint64_t least_ns)
{
	pace->rests_ns = now_ns + least_ns;
}

uint64_t tct_pace_next(const struct tct_pace *pace, bool opens)
{
	uint64_t paid_ns = pace->paid_ns;

	if (opens)
		paid_ns = paid_ns > SAVED_NS ? paid_ns - SAVED_NS : 0;
	return later(pace->rests_ns, paid_ns);
}

uint64_t tct_pace_lead(const struct tct_pace *pace)
{
	uint64_t longer_ns = pace->took_ns + pace->took_ns / 2;

	return longer_ns > SHORT_NS ? longer_ns + MARGIN_NS : 0;
}

uint64_t tct_pace_serves_until(const struct tct_pace *pace)
{
	return tct_pace_next(pace, false) + tct_pace_lead(pace);
}

uint64_t tct_pace_good_until(const struct tct_pace *pace)
{
	return tct_pace_serves_until(pace) + tct_pace_lead(pace);
}
