/* SPDX-License-Identifier: GPL-2.0 */
/* Test build only: the debugfs file that fires any record. */
#ifndef TCT_INJECT_H
#define TCT_INJECT_H

#ifdef TCT_INJECT
int tct_inject_open(void);
void tct_inject_close(void);
#else
static inline int tct_inject_open(void)
{
	return 0;
}

static inline void tct_inject_close(void) { }
#endif

#endif
