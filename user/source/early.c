// SPDX-License-Identifier: GPL-2.0
#include "early.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include "../log.h"

#define EARLY_NICE (-10)

void tct_early(void)
{
	if (setpriority(PRIO_PROCESS, 0, EARLY_NICE))
		tct_log_verbose("no higher priority: %s", strerror(errno));
}
