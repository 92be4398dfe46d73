/* SPDX-License-Identifier: GPL-2.0 */
/* What the program under test finds mounted, changed for it alone. */
#ifndef LIVE_MOUNTS_H
#define LIVE_MOUNTS_H

#include <stdbool.h>

/* From here on this process has mounts of its own. False where that is not permitted. */
bool mounts_private(void);

/* The same, with nothing in /sys/kernel/btf. */
bool mounts_hide_btf(void);

#endif
