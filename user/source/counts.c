// SPDX-License-Identifier: GPL-2.0
#include "counts.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Beyond TCT_CPUS_MAX, CPUs share one. */
static int slots_used(void)
{
	int cpus = libbpf_num_possible_cpus();

	return cpus <= 0 || cpus > TCT_CPUS_MAX ? TCT_CPUS_MAX : cpus;
}

uint64_t tct_counts_attempts(const volatile struct tct_cpu cpus[TCT_CPUS_MAX])
{
	uint64_t attempts = 0;

	for (int i = 0, n = slots_used(); i < n; i++)
		attempts += cpus[i].attempts;
	return attempts;
}

uint64_t tct_counts_lost(const volatile struct tct_cpu cpus[TCT_CPUS_MAX])
{
	uint64_t lost = 0;

	for (int i = 0, n = slots_used(); i < n; i++)
		lost += cpus[i].lost_ring + cpus[i].lost_held;
	return lost;
}

uint64_t tct_counts_counted(const volatile struct tct_cpu cpus[TCT_CPUS_MAX])
{
	uint64_t counted = 0;

	for (int i = 0, n = slots_used(); i < n; i++)
		counted += cpus[i].counted;
	return counted;
}

uint64_t tct_counts_stays(const volatile struct tct_cpu cpus[TCT_CPUS_MAX])
{
	uint64_t stays = 0;

	for (int i = 0, n = slots_used(); i < n; i++)
		stays += cpus[i].stays;
	return stays;
}

uint64_t tct_counts_unkept(const volatile struct tct_cpu cpus[TCT_CPUS_MAX])
{
	uint64_t unkept = 0;

	for (int i = 0, n = slots_used(); i < n; i++)
		unkept += cpus[i].unkept;
	return unkept;
}

int tct_counts_dwells(int map_fd, struct tct_tally *tally)
{
	int cpus = libbpf_num_possible_cpus(), err = 0;
	struct tct_dwell *each;
	size_t rows;

	if (cpus <= 0)
		return -EINVAL;
	each = calloc((size_t)cpus, sizeof(*each));
	if (!each)
		return -ENOMEM;
	tct_fsm_edges(&rows);
	for (__u32 row = 0; row < rows && !err; row++) {
		if (bpf_map_lookup_elem(map_fd, &row, each))
			err = -errno;
		for (int i = 0; i < cpus && !err; i++)
			tct_tally_add(tally, row, &each[i]);
	}
	free(each);
	return err;
}

int tct_counts_pairs(int map_fd, uint64_t counts[TCT_STATES][TCT_STATES])
{
	int cpus = libbpf_num_possible_cpus();
	struct tct_pair_counts *each;
	__u32 first = 0;
	int err = 0;

	memset(counts, 0, sizeof(uint64_t[TCT_STATES][TCT_STATES]));
	if (cpus <= 0)
		return -EINVAL;
	each = calloc((size_t)cpus, sizeof(*each));
	if (!each)
		return -ENOMEM;
	if (bpf_map_lookup_elem(map_fd, &first, each))
		err = -errno;
	for (int i = 0; i < cpus; i++) {
		for (int from = 0; from < TCT_STATES; from++) {
			for (int to = 0; to < TCT_STATES; to++)
				counts[from][to] += each[i].of[from << TCT_PAIR_SHIFT | to];
		}
	}
	free(each);
	return err;
}

uint64_t tct_counts_skipped(int program_fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	if (program_fd < 0 || bpf_obj_get_info_by_fd(program_fd, &info, &len))
		return 0;
	return info.recursion_misses;
}
