/* SPDX-License-Identifier: GPL-2.0 */
/* What a loader holds, shared by loader.c, loader_open.c, loader_counts.c and handover.c. */
#ifndef TCT_LOADER_INTERNAL_H
#define TCT_LOADER_INTERNAL_H

#include <bpf/libbpf.h>
#include "loader.h"
#include "tcpclose.skel.h"

#define TCT_LINKS_MAX 16

struct tct_loader_link {
	struct bpf_link *link;
	const struct tct_hook *hook;
	int program_fd;
};

struct tct_loader {
	struct tcpclose_bpf *skel;
	struct tct_choice choice;
	struct tct_loader_link links[TCT_LINKS_MAX];
	size_t link_count;
	uint32_t shards;
	uint32_t slots_size;	/* of each shard's, in bytes; 0: rings are used */
	int ring_fds[TCT_SHARDS_MAX];	/* of the second ring and those after it */
	uint64_t skipped_last;	/* by all, when they were detached */
	bool denied;		/* loading itself, whatever the provider, was not permitted */
	bool pinned;
	bool marked;		/* programs of two generations are attached */
	bool continued;		/* these are the programs of a run before: nothing was loaded */
	bool changed;		/* the settings, from those of the run before */
	uint64_t replaced_ns;	/* programs have been replaced just now; 0: none have */
	struct tct_loader_counts before;
};

/* The object with all settings, not loaded; which of its programs are wanted. */
int tct_loader_open(struct tct_loader *loader, const struct tct_loader_config *config);
void tct_loader_select(struct tct_loader *loader, unsigned int points);

#endif
