// SPDX-License-Identifier: GPL-2.0
#include "growth.h"

#define SECOND 1e9
#define FEW 3	/* new ones in one period; by chance it may then be none */
#define MANY 8

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
	uint64_t slowest_ns = TCT_GROWTH_SLOWEST * growth->first_ns;
	uint64_t period_ns = growth->period_ns;

	if (!more || (more < FEW && tct_growth_proven(growth)))
		period_ns *= 2;
	else if (more >= MANY)
		period_ns = period_ns / more * (FEW + 1);
	if (period_ns < growth->first_ns)
		return growth->first_ns;
	return period_ns < slowest_ns ? period_ns : slowest_ns;
}

static void rise(struct tct_growth *growth, uint32_t count)
{
	growth->rises++;
	growth->misses = 0;
	growth->recent = 0;
	growth->peak = count;
}

static void miss(struct tct_growth *growth, uint64_t now_ns, uint32_t count)
{
	growth->misses++;
	if (count > growth->recent)
		growth->recent = count;
	if (!tct_growth_proven(growth) || growth->misses >= TCT_GROWTH_LOOKS ||
	    count <= growth->from_count)
		restart(growth, now_ns, count);
	if (growth->misses < TCT_GROWTH_FORGETS)
		return;
	growth->peak = growth->recent;
	growth->misses = 0;
	growth->recent = 0;
}

void tct_growth_look(struct tct_growth *growth, uint64_t now_ns, uint32_t count)
{
	uint32_t more = count > growth->peak ? count - growth->peak : 0;

	growth->seen_ns = now_ns;
	growth->looks++;
	if (more)
		rise(growth, count);
	else
		miss(growth, now_ns, count);
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
