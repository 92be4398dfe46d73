/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for large tables that are read at random: on huge pages where the kernel has them. Small
 * pages cost a walk of the page tables for nearly each access, which is as dear as the access.
 */
#ifndef TCT_HUGE_H
#define TCT_HUGE_H

#include <stddef.h>

#define TCT_HUGE_PAGE (2u << 20)

/* Not zeroed; takes only what is touched. NULL, or to be given to free(). */
void *tct_huge_alloc(size_t size);

/* For memory of malloc() and its like that is not touched yet, or in part. NULL is fine. */
void tct_huge_hint(void *memory, size_t size);

#endif
