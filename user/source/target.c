// SPDX-License-Identifier: GPL-2.0
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/nsfs.h>
#include <mntent.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static int inode_of(const char *path, uint64_t *inode)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	*inode = st.st_ino;
	return 0;
}

static int open_netns(const char *path, uint32_t *inode)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
		close(fd);
		return -EINVAL;		/* some other file */
	}
	*inode = (uint32_t)st.st_ino;
	return fd;
}

/* A namespace has no path of its own: some process in it, or a name of it, has to be found. */
static int search_netns(const char *pattern, uint32_t inode)
{
	int fd = -ENOENT;
	uint32_t found = 0;
	glob_t paths;

	if (glob(pattern, GLOB_NOSORT, NULL, &paths))
		return -ENOENT;
	for (size_t i = 0; fd < 0 && i < paths.gl_pathc; i++) {
		fd = open_netns(paths.gl_pathv[i], &found);
		if (fd >= 0 && found != inode) {
			close(fd);
			fd = -ENOENT;
		}
	}
	globfree(&paths);
	return fd;
}

int tct_target_inode(const char *text, uint32_t *inode)
{
	char *end;

	if (strncmp(text, "net:[", 5))
		return -EINVAL;
	*inode = (uint32_t)strtoul(text + 5, &end, 10);
	return *inode && !strcmp(end, "]") ? 0 : -EINVAL;
}

int tct_target_netns(const char *text, uint32_t *inode)
{
	char path[256], *end;
	unsigned long number;
	int fd;

	if (!strncmp(text, "net:[", 5)) {
		if (tct_target_inode(text, inode))
			return -EINVAL;
		fd = search_netns("/proc/[0-9]*/ns/net", *inode);
		return fd >= 0 ? fd : search_netns("/run/netns/*", *inode);
	}
	number = strtoul(text, &end, 10);
	if (*text && !*end)
		snprintf(path, sizeof(path), "/proc/%lu/ns/net", number);
	else
		snprintf(path, sizeof(path), strchr(text, '/') ? "%s" : "/run/netns/%s", text);
	return open_netns(path, inode);
}

/* Where cgroup2 is mounted: not always /sys/fs/cgroup. */
static int cgroup_root(char *out, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;
	int err = -ENOENT;

	if (!mounts)
		return -errno;
	while (err && (mount = getmntent(mounts))) {
		if (strcmp(mount->mnt_type, "cgroup2"))
			continue;
		snprintf(out, size, "%s", mount->mnt_dir);
		err = 0;
	}
	endmntent(mounts);
	return err;
}

static bool is_below(const char *path, const char *root)
{
	size_t len = strlen(root);

	return !strncmp(path, root, len) && (!path[len] || path[len] == '/');
}

static uint32_t depth_below(const char *path, const char *root)
{
	uint32_t depth = 0;

	for (const char *p = path + strlen(root); *p; p++)
		depth += *p == '/' && p[1] && p[1] != '/';
	return depth;
}

int tct_target_cgroup(const char *text, uint64_t *id, uint32_t *level)
{
	char root[256], path[1024], *real;
	int err = cgroup_root(root, sizeof(root));

	if (err)
		return err;
	if (is_below(text, root))
		snprintf(path, sizeof(path), "%s", text);
	else
		snprintf(path, sizeof(path), "%s/%s", root, text);
	real = realpath(path, NULL);
	if (!real)
		return -errno;
	err = is_below(real, root) ? inode_of(real, id) : -ENOTDIR;
	*level = depth_below(real, root);
	free(real);
	return err;
}

/* "0::/path" is version 2; of version 1 systemd's own hierarchy names units and containers alike. */
static const char *path_in(const char *line, const char *hierarchy)
{
	const char *colon = strchr(line, ':');
	size_t len = strlen(hierarchy);

	if (!colon || strncmp(colon + 1, hierarchy, len) || strncmp(colon + 1 + len, ":/", 2))
		return NULL;
	return colon + 2 + len;
}

static void keep(char **path, const char *found)
{
	if (found && !*path)
		*path = strdup(found);
}

char *tct_target_cgroup_read(FILE *in)
{
	char line[1024], *unified = NULL, *systemd = NULL;
	bool tells_nothing;

	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		keep(&unified, path_in(line, ""));
		keep(&systemd, path_in(line, "name=systemd"));
	}
	tells_nothing = !unified || !strcmp(unified, "/");
	if (!tells_nothing || !systemd) {
		free(systemd);
		return unified;
	}
	free(unified);
	return systemd;
}

char *tct_target_cgroup_of(uint32_t pid)
{
	char path[64], *found;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/cgroup", pid);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	found = tct_target_cgroup_read(file);
	fclose(file);
	return found;
}
