// SPDX-License-Identifier: GPL-2.0
#include "pin_dir.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>
#include "../log.h"

/* No kernel accepts dots in a name of bpffs, nor a path that is longer. */
static int path_of(const struct tct_pin_dir *dir, const char *name, char path[PATH_MAX])
{
	int len = snprintf(path, PATH_MAX, "%s/%s", dir->path, name);

	return len < 0 || len >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static enum tct_exit refuse(const char *path, int err)
{
	if (err == EROFS)
		tct_log_error("--pin: %s is on a read-only bpffs: nothing can be kept there", path);
	else
		tct_log_error("--pin: %s: %s", path, strerror(err));
	return err == EPERM || err == EACCES ? TCT_EXIT_PRIVILEGE : TCT_EXIT_FAILURE;
}

static enum tct_exit refuse_other_fs(const char *path)
{
	tct_log_error("--pin: %s is not in a bpffs: mount one (mount -t bpf bpf /sys/fs/bpf) and "
		      "name a directory there", path);
	return TCT_EXIT_USAGE;
}

/* Its own file system, or where it would be made its parent's. */
static enum tct_exit check_fs(const char *path)
{
	char parent[PATH_MAX];
	struct statfs fs;
	char *slash;

	if (snprintf(parent, sizeof(parent), "%s", path) >= (int)sizeof(parent))
		return refuse(path, ENAMETOOLONG);
	if (statfs(parent, &fs)) {
		if (errno != ENOENT)
			return refuse(path, errno);
		slash = strrchr(parent, '/');
		if (slash == parent)
			slash++;
		if (slash)
			*slash = '\0';
		else
			strcpy(parent, ".");
		if (statfs(parent, &fs))
			return refuse(parent, errno);
	}
	if (fs.f_type != BPF_FS_MAGIC)
		return refuse_other_fs(path);
	return fs.f_flags & 1 /* ST_RDONLY */ ? refuse(path, EROFS) : TCT_EXIT_OK;
}

static enum tct_exit lock(struct tct_pin_dir *dir)
{
	if (!flock(dir->fd, LOCK_EX | LOCK_NB))
		return TCT_EXIT_OK;
	if (errno != EWOULDBLOCK)
		return refuse(dir->path, errno);
	tct_log_error("--pin: another tcpclose-trace is running on %s: end that one first",
		      dir->path);
	return TCT_EXIT_FAILURE;
}

static enum tct_exit open_dir(struct tct_pin_dir *dir, const char *path, bool make)
{
	if (make && !mkdir(path, 0700))
		dir->made = true;
	else if (make && errno != EEXIST)
		return refuse(path, errno);
	if (!realpath(path, dir->path))
		return refuse(path, errno);
	dir->fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir->fd < 0 ? refuse(path, errno) : lock(dir);
}

enum tct_exit tct_pin_dir_open(struct tct_pin_dir *dir, const char *given, bool make)
{
	char path[PATH_MAX];
	enum tct_exit status;
	size_t len;

	*dir = (struct tct_pin_dir){ .fd = -1 };
	snprintf(path, sizeof(path), "%s", given);
	for (len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
		path[len - 1] = '\0';
	status = check_fs(path);
	if (!status)
		status = open_dir(dir, path, make);
	if (status) {
		if (dir->made)
			rmdir(path);
		tct_pin_dir_close(dir);
	}
	return status;
}

void tct_pin_dir_close(struct tct_pin_dir *dir)
{
	if (dir->fd >= 0)
		close(dir->fd);
	dir->fd = -1;
}

int tct_pin_dir_get(const struct tct_pin_dir *dir, const char *name)
{
	char path[PATH_MAX];
	int err = path_of(dir, name, path), fd;

	if (err)
		return err;
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int tct_pin_dir_put(const struct tct_pin_dir *dir, const char *name, int fd)
{
	char path[PATH_MAX];
	int err = path_of(dir, name, path);

	if (err)
		return err;
	return bpf_obj_pin(fd, path) ? -errno : 0;
}

int tct_pin_dir_drop(const struct tct_pin_dir *dir, const char *name)
{
	return unlinkat(dir->fd, name, 0) ? -errno : 0;
}

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* All names first: dropping some while reading could hide others. */
int tct_pin_dir_each(const struct tct_pin_dir *dir, int (*fn)(void *ctx, const char *name),
		     void *ctx)
{
	struct dirent **names;
	int count = scandir(dir->path, &names, NULL, alphasort), err = 0;

	if (count < 0)
		return -errno;
	for (int i = 0; i < count; i++) {
		if (!err && !is_dots(names[i]->d_name))
			err = fn(ctx, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return err;
}

void tct_pin_dir_remove(const struct tct_pin_dir *dir)
{
	rmdir(dir->path);
}
