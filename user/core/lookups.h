/* SPDX-License-Identifier: GPL-2.0 */
/* What the core asks its caller about a process when it tells a finding. */
#ifndef TCT_LOOKUPS_H
#define TCT_LOOKUPS_H

#include <stdbool.h>
#include <stdint.h>

struct tct_files {
	uint64_t limit;		/* RLIMIT_NOFILE, the soft one */
	uint64_t open;		/* descriptors that it has */
};

struct tct_lookups {
	char *(*cgroup_of)(void *ctx, uint32_t pid);	/* malloc'd, or NULL: not known */
	bool (*files_of)(void *ctx, uint32_t pid, struct tct_files *out);	/* false: likewise */
	void *ctx;
};

#endif
