/* SPDX-License-Identifier: GPL-2.0 */
/* Being served soon on a host that is out of CPU. */
#ifndef TCT_EARLY_H
#define TCT_EARLY_H

/*
 * The calling thread, and those that it starts from here on. It has to use little, so being early
 * costs the others nothing. Not being allowed to is no error.
 */
void tct_early(void);

#endif
