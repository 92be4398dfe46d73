// SPDX-License-Identifier: GPL-2.0
#include "huge.h"

#include <stdlib.h>
#include <sys/mman.h>

void *tct_huge_alloc(size_t size)
{
	size_t whole = (size + TCT_HUGE_PAGE - 1) & ~(size_t)(TCT_HUGE_PAGE - 1);
	void *at = aligned_alloc(TCT_HUGE_PAGE, whole);

	if (at)
		madvise(at, whole, MADV_HUGEPAGE);	/* or it is as it was */
	return at;
}
