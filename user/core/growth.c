// SPDX-License-Identifier: GPL-2.0
#include "growth.h"

#define SECOND 1e9
#define MANY 8	/* in one period: then an eighth of it would have shown each */

static void restart(struct tct_growth *growth, uint64_t now_ns, uint32_t count)
{
	growth->rises = 0;
	growth->from_ns = now_ns;
	growth->from_count = count;
}

void tct_growth_start(struct tct_growth *growth, uint64_t now_ns, uint32_t count,
		      uint64_t period_ns)
{
	*growth = (struct tct_growth){ .first_ns = period_ns, .period_ns = period_ns,
				       .peak = count };
	if (period_ns)
		growth->look_ns = now_ns + period_ns;
	restart(growth, now_ns, count);
}

bool tct_growth_is_due(const struct tct_growth *growth, uint64_t now_ns)
{
	return growth->look_ns && growth->look_ns <= now_ns;
}

static uint64_t next_period(const struct tct_growth *growth, uint32_t more)
{
	if (!more)
		return growth->period_ns < TCT_GROWTH_SLOWEST * growth->first_ns
			       ? 2 * growth->period_ns : growth->period_ns;
	if (more < MANY || growth->period_ns < MANY * growth->first_ns)
		return growth->period_ns;
	return growth->period_ns / MANY;
}

void tct_growth_look(struct tct_growth *growth, uint64_t now_ns, uint32_t count)
{
	uint32_t more = count > growth->peak ? count - growth->peak : 0;

	growth->seen_ns = now_ns;
	growth->looks++;
	growth->rises++;
	if (more)
		growth->peak = count;
	else
		restart(growth, now_ns, count);
	growth->period_ns = next_period(growth, more);
	growth->look_ns = now_ns + growth->period_ns;
}

bool tct_growth_proven(const struct tct_growth *growth)
{
	return growth->rises >= TCT_GROWTH_LOOKS;
}

double tct_growth_rate(const struct tct_growth *growth)
{
	if (growth->looks < TCT_GROWTH_LOOKS)
		return -1;
	if (!tct_growth_proven(growth))
		return 0;
	return (growth->peak - growth->from_count) /
	       ((double)(growth->seen_ns - growth->from_ns) / SECOND);
}
