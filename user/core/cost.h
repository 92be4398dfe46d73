/* SPDX-License-Identifier: GPL-2.0 */
/* What one of our BPF programs costs, by the kernel's run-time statistics (bpf_stats_enabled). */
#ifndef TCT_COST_H
#define TCT_COST_H

#include <stdint.h>

#define TCT_PROG_LEN 32

struct tct_cost {
	char prog[TCT_PROG_LEN];
	uint64_t run_ns;
	uint64_t runs;
};

#endif
