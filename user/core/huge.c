// SPDX-License-Identifier: GPL-2.0
#include "huge.h"

#include <stdint.h>
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

/* Whole pages only: what else is on the first and the last is not ours. */
void tct_huge_hint(void *memory, size_t size)
{
	uintptr_t mask = TCT_HUGE_PAGE - 1, begin = ((uintptr_t)memory + mask) & ~mask;
	uintptr_t end = ((uintptr_t)memory + size) & ~mask;

	if (memory && end > begin)
		madvise((char *)memory + (begin - (uintptr_t)memory), end - begin, MADV_HUGEPAGE);
}
