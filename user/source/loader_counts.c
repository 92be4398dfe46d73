// SPDX-License-Identifier: GPL-2.0
/* What the hooks have counted, and how they are told to count. */
#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include "counts.h"
#include "loader_internal.h"

uint64_t tct_loader_attempts(const struct tct_loader *loader)
{
	return tct_counts_attempts(loader->skel->bss->tct_cpus) - loader->before.attempts;
}

uint64_t tct_loader_lost_ring(const struct tct_loader *loader)
{
	return tct_counts_lost(loader->skel->bss->tct_cpus) - loader->before.lost_ring;
}

void tct_loader_thin(struct tct_loader *loader, bool thin)
{
	*(volatile __u32 *)&loader->skel->bss->tct_thin = thin;
}

int tct_loader_thin_counts(const struct tct_loader *loader,
			   uint64_t counts[TCT_STATES][TCT_STATES])
{
	return tct_counts_pairs(bpf_map__fd(loader->skel->maps.tct_pairs), counts);
}

int tct_loader_tally(const struct tct_loader *loader, struct tct_tally *out)
{
	int err;

	memset(out, 0, sizeof(*out));
	out->received = tct_counts_counted(loader->skel->bss->tct_cpus);
	err = tct_counts_pairs(bpf_map__fd(loader->skel->maps.tct_pairs), out->pairs);
	return err ? err : tct_counts_dwells(bpf_map__fd(loader->skel->maps.tct_dwells), out);
}

/* From a half on until it is a quarter. */
void tct_loader_see_room(struct tct_loader *loader, uint64_t made)
{
	volatile __u32 *crowded = &loader->skel->bss->tct_crowded;
	uint64_t room = bpf_map__max_entries(loader->skel->maps.tct_stays);
	uint64_t stays = tct_counts_stays(loader->skel->bss->tct_cpus) + made;

	*crowded = stays > room / (*crowded ? 4 : 2);
}

uint64_t tct_loader_unkept(const struct tct_loader *loader)
{
	return tct_counts_unkept(loader->skel->bss->tct_cpus);
}

int tct_loader_stays_fd(const struct tct_loader *loader)
{
	return bpf_map__fd(loader->skel->maps.tct_stays);
}

int tct_loader_minis_fd(const struct tct_loader *loader)
{
	return bpf_map__fd(loader->skel->maps.tct_minis);
}

/* Of two paired programs one always runs. */
uint64_t tct_loader_lost_hook(const struct tct_loader *loader)
{
	uint64_t lost = 0;

	if (!loader->link_count)
		return loader->skipped_last;
	for (size_t i = 0; i < loader->link_count; i++) {
		if (!loader->links[i].hook->paired)
			lost += tct_counts_skipped(loader->links[i].program_fd);
	}
	return lost - loader->before.lost_hook;
}

size_t tct_loader_costs(const struct tct_loader *loader, struct tct_cost *out, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < loader->link_count && count < max; i++) {
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);

		if (bpf_obj_get_info_by_fd(loader->links[i].program_fd, &info, &len))
			continue;
		out[count] = (struct tct_cost){ .run_ns = info.run_time_ns, .runs = info.run_cnt };
		snprintf(out[count++].prog, TCT_PROG_LEN, "%s", loader->links[i].hook->program);
	}
	return count;
}

void tct_loader_count_from(struct tct_loader *loader, const struct tct_loader_counts *before)
{
	loader->before = *before;
}
