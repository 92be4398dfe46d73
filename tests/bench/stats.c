// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps the kernel's BPF run-time statistics on while it lives. It holds the descriptor that turns them on instead of
 * setting kernel.bpf_stats_enabled, so there is nothing to put back, however it ends.
 */
#include <bpf/bpf.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (fd < 0) {
		fprintf(stderr, "stats: cannot turn on BPF run-time statistics: %s\n", strerror(errno));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
