// SPDX-License-Identifier: GPL-2.0
#include "stats.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>

int tct_stats_hold(void)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	return fd < 0 ? -errno : fd;
}

bool tct_stats_are_kept(void)
{
	FILE *file = fopen("/proc/sys/kernel/bpf_stats_enabled", "re");
	bool kept = file && fgetc(file) == '1';

	if (file)
		fclose(file);
	return kept;
}
