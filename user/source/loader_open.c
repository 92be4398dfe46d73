// SPDX-License-Identifier: GPL-2.0
/* The object that this kernel takes, with all that is set before it is loaded. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "clock.h"
#include "kernel.h"
#include "loader_internal.h"
#include "tcpclose_ring.skel.h"

#define RING_LEAST 65536u	/* a page of any machine */

static void set_filter(struct tcpclose_bpf *skel, const struct tct_filter_config *config)
{
	memcpy((void *)&skel->rodata->tct_filter, &config->filter, sizeof(config->filter));
	memcpy((void *)skel->rodata->tct_lports, config->lports, sizeof(config->lports));
	memcpy((void *)skel->rodata->tct_rports, config->rports, sizeof(config->rports));
	if (!config->filter.by_lport && !config->filter.by_rport)
		bpf_map__set_max_entries(skel->maps.tct_held, 1);
}

bool tct_loader_makes_cookies(const struct tct_loader *loader)
{
	return tct_choice_is_typed(&loader->choice) && tct_kernel_makes_cookies();
}

/*
 * A socket's events are all in one ring only where each shows its own cookie. The rings are a power
 * of two, and together no larger than what was asked for.
 */
static void set_rings(struct tct_loader *loader, const struct tct_loader_config *config)
{
	struct tcpclose_bpf *skel = loader->skel;
	bool apart = tct_loader_makes_cookies(loader) && tct_kernel_shows_child();
	uint32_t bytes = config->ring_bytes;

	loader->shards = config->shards > 1 && apart ? config->shards : 1;
	while (bytes > RING_LEAST && bytes > config->ring_bytes / loader->shards)
		bytes /= 2;
	bpf_map__set_max_entries(skel->maps.tct_ring, bytes);
	bpf_map__set_autocreate(skel->maps.tct_rings, loader->shards > 1);
	skel->bss->tct_ring_half = bpf_map__max_entries(skel->maps.tct_ring) / 2;
	skel->rodata->tct_shards = loader->shards;
}

/*
 * As large as the rings would be, which then have nothing to do but to wake. What is kept for the
 * next run stays in the ring.
 */
static void set_slots(struct tct_loader *loader, const struct tct_loader_config *config)
{
	const uint32_t most = TCT_SLOT_PARTS_MAX * sizeof(struct tct_slot);
	uint32_t spared = TCT_SLOT_WRITERS * (uint32_t)libbpf_num_possible_cpus() * most;
	struct tcpclose_bpf *skel = loader->skel;
	uint32_t size = bpf_map__max_entries(skel->maps.tct_ring);
	bool used = !config->pin && tct_kernel_has_fetch() && spared < size / 2;

	loader->slots_size = used ? size : 0;
	bpf_map__set_autocreate(skel->maps.tct_slots, used);
	if (!used)
		return;
	bpf_map__set_max_entries(skel->maps.tct_slots,
				 loader->shards * (size / sizeof(struct tct_slot)));
	skel->rodata->tct_slots_size = size;
	skel->rodata->tct_slots_room = size - most - spared;
	bpf_map__set_max_entries(skel->maps.tct_ring, RING_LEAST);
	bpf_map__set_autocreate(skel->maps.tct_rings, false);
}

/* Maps of --mode=summary: a kernel may not have them. */
static void set_summary(struct tcpclose_bpf *skel, const struct tct_loader_config *config)
{
	struct bpf_map *const maps[] = { skel->maps.tct_stays, skel->maps.tct_minis,
					 skel->maps.tct_dwells, skel->maps.tct_mini_ends };
	uint64_t bounds_ns[TCT_DWELL_BARS];

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		bpf_map__set_autocreate(maps[i], config->summary);
	tct_tally_bounds(bounds_ns);
	memcpy((void *)skel->rodata->tct_bounds_ns, bounds_ns, sizeof(bounds_ns));
	skel->rodata->tct_tallies = config->tallies;
	if (config->max_sockets)
		bpf_map__set_max_entries(skel->maps.tct_stays, config->max_sockets);
	for (int from = 0; from < TCT_STATES; from++) {
		for (int to = 0; to < TCT_STATES; to++)
			*(__u8 *)&skel->rodata->tct_edges[from << TCT_PAIR_SHIFT | to] =
				(__u8)tct_tally_row(from, to);
	}
}

/* Of the two objects of one layout, the one that this kernel takes. */
static struct tcpclose_bpf *open_object(const char *btf)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = btf);
	struct tcpclose_bpf *skel = calloc(1, sizeof(*skel));
	int err = skel ? tcpclose_bpf__create_skeleton(skel) : -ENOMEM;

	if (!err && !tct_kernel_has_fetch())
		skel->skeleton->data = (void *)tcpclose_ring_bpf__elf_bytes(
			&skel->skeleton->data_sz);
	if (!err)
		err = bpf_object__open_skeleton(skel->skeleton, &options);
	if (!err)
		return skel;
	tcpclose_bpf__destroy(skel);
	errno = -err;
	return NULL;
}

int tct_loader_open(struct tct_loader *loader, const struct tct_loader_config *config)
{
	struct tcpclose_bpf *skel = open_object(config->btf);

	if (!skel)
		return -errno;
	loader->skel = skel;
	skel->rodata->tct_hz = tct_clock_hz();
	skel->rodata->tct_tick_ns = 1000000000ull / tct_clock_hz();
	set_rings(loader, config);
	set_slots(loader, config);
	skel->rodata->tct_brief = config->brief;
	skel->rodata->tct_reset_reasons = tct_kernel_tracepoint_args("tcp_send_reset") >= 3;
	skel->rodata->tct_tw_timer_handler = config->tw_timer_handler;
	skel->rodata->tct_make_cookies = tct_loader_makes_cookies(loader);
	set_filter(skel, config->filter);
	set_summary(skel, config);
	/* kernels before 6.2 warn of maps that a kprobe makes entries of as they come */
	if (!tct_choice_is_typed(&loader->choice))
		bpf_map__set_map_flags(skel->maps.tct_held, 0);
	return 0;
}
