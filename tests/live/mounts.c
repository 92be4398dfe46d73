// SPDX-License-Identifier: GPL-2.0
/* What the program under test finds mounted, changed for it alone. */
#define _GNU_SOURCE
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>

#include "mounts.h"

bool mounts_private(void)
{
	return !unshare(CLONE_NEWNS) && !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

bool mounts_hide_btf(void)
{
	return mounts_private() && !mount("none", "/sys/kernel/btf", "tmpfs", 0, NULL);
}
