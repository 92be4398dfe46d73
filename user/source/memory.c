// SPDX-License-Identifier: GPL-2.0
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "target.h"

#define CGROUPS "/sys/fs/cgroup"

static uint64_t machine_bytes(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : UINT64_MAX;
}

/* UINT64_MAX where there is none ("max"). */
static uint64_t limit_of(const char *cgroup)
{
	uint64_t limit = UINT64_MAX;
	char path[1100], text[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), CGROUPS "%s/memory.max", cgroup);
	file = fopen(path, "re");
	if (!file)
		return limit;
	if (fgets(text, sizeof(text), file) && strncmp(text, "max", 3))
		limit = strtoull(text, NULL, 10);
	fclose(file);
	return limit;
}

uint64_t tct_memory_bytes(void)
{
	char *cgroup = tct_target_cgroup_of((uint32_t)getpid());
	uint64_t least = machine_bytes();

	while (cgroup && *cgroup) {
		uint64_t limit = limit_of(cgroup);
		char *end = strrchr(cgroup, '/');

		least = limit < least ? limit : least;
		if (!end)
			break;
		*end = '\0';
	}
	free(cgroup);
	return least;
}
