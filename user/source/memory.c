// SPDX-License-Identifier: GPL-2.0
#include "memory.h"

#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONTROLLER "memory"
#define PATH_ROOM 512

/* A cgroup that limits memory, by its path below where its hierarchy is mounted. */
struct group {
	bool unified;		/* the second version: one hierarchy for all controllers */
	char path[PATH_ROOM];
};

static uint64_t machine_bytes(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : UINT64_MAX;
}

static bool names_controller(char *list)
{
	const char *name;

	while ((name = strsep(&list, ",")))
		if (!strcmp(name, CONTROLLER))
			return true;
	return false;
}

/* "0::/path" of the second version, "4:memory:/path" of the first. */
static bool parse_group(char *line, struct group *out)
{
	char *controllers, *path;

	line[strcspn(line, "\n")] = '\0';
	strsep(&line, ":");
	controllers = strsep(&line, ":");
	path = line;
	if (!path || strlen(path) >= sizeof(out->path))
		return false;
	memcpy(out->path, path, strlen(path) + 1);
	out->unified = !*controllers;
	return out->unified || names_controller(controllers);
}

static bool is_hierarchy(const struct mntent *mount, bool unified)
{
	return unified ? !strcmp(mount->mnt_type, "cgroup2")
		       : !strcmp(mount->mnt_type, "cgroup") && hasmntopt(mount, CONTROLLER);
}

static bool find_root(const char *mounts, bool unified, char root[PATH_ROOM])
{
	FILE *file = setmntent(mounts, "re");
	const struct mntent *mount;
	bool found = false;

	if (!file)
		return false;
	while (!found && (mount = getmntent(file))) {
		found = is_hierarchy(mount, unified);
		if (found)
			snprintf(root, PATH_ROOM, "%s", mount->mnt_dir);
	}
	endmntent(file);
	return found;
}

/* UINT64_MAX where there is none ("max"); without a limit the first version has a very large one. */
static uint64_t limit_in(const char *root, const struct group *group)
{
	char path[2 * PATH_ROOM + 32], text[32] = "";
	uint64_t limit = UINT64_MAX;
	FILE *file;

	snprintf(path, sizeof(path), "%s%s/%s", root, group->path,
		 group->unified ? "memory.max" : "memory.limit_in_bytes");
	file = fopen(path, "re");
	if (!file)
		return limit;
	if (fgets(text, sizeof(text), file) && strncmp(text, "max", 3))
		limit = strtoull(text, NULL, 10);
	fclose(file);
	return limit;
}

/* Its own, and of all above it up to the root: a container's own cgroup may look like that. */
static uint64_t least_of(const char *root, struct group *group)
{
	uint64_t least = limit_in(root, group);
	char *end;

	while ((end = strrchr(group->path, '/'))) {
		uint64_t limit;

		*end = '\0';
		limit = limit_in(root, group);
		least = limit < least ? limit : least;
	}
	return least;
}

uint64_t tct_memory_limit(const char *cgroups, const char *mounts)
{
	FILE *file = fopen(cgroups, "re");
	uint64_t least = UINT64_MAX, limit;
	char *line = NULL, root[PATH_ROOM];
	struct group group;
	size_t room = 0;

	if (!file)
		return least;
	while (getline(&line, &room, file) > 0) {
		if (!parse_group(line, &group) || !find_root(mounts, group.unified, root))
			continue;
		limit = least_of(root, &group);
		least = limit < least ? limit : least;
	}
	free(line);
	fclose(file);
	return least;
}

uint64_t tct_memory_bytes(void)
{
	uint64_t machine = machine_bytes();
	uint64_t limit = tct_memory_limit("/proc/self/cgroup", "/proc/self/mounts");

	return limit < machine ? limit : machine;
}
