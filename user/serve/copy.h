/* SPDX-License-Identifier: GPL-2.0 */
/* A finding that outlives the call that told it. */
#ifndef TCT_COPY_H
#define TCT_COPY_H

#include "../core/event.h"

/*
 * With all that it points to but `rule` and `advice`, which are constants, in one piece: free() it.
 * NULL when there is no memory.
 */
struct tct_finding *tct_finding_copy(const struct tct_finding *ev);

#endif
