// SPDX-License-Identifier: GPL-2.0
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "mountinfo.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL	/* from 6.9 on */
#endif

/* From 6.18 on namespaces can be opened by handles. */
#ifndef FD_NSFS_ROOT
#define FD_NSFS_ROOT (-10003)
#endif
#ifndef FILEID_NSFS
#define FILEID_NSFS 0xf1
#endif

#define PROC_PATH_MAX 64

/* A thread, and what it holds. */
struct place {
	uint32_t pid;
	uint32_t tid;
};

static void proc_path(char *out, struct place place, const char *what)
{
	snprintf(out, PROC_PATH_MAX, "/proc/%u/task/%u/%s", place.pid, place.tid, what);
}

/* 0 when it is none. */
static uint32_t inode_of(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET ? (uint32_t)st.st_ino
									   : 0;
}

int tct_netns_visit(int fd, tct_netns_fn visit, void *ctx)
{
	uint32_t inode = inode_of(fd);

	return inode ? visit(ctx, fd, inode) : -EINVAL;
}

/* Closes it. */
static int visit(struct tct_netns_walk *walk, int fd)
{
	uint32_t inode = inode_of(fd);
	int err = inode ? tct_inodes_add(&walk->known, inode) : 0;

	if (err > 0)
		err = walk->visit(walk->ctx, fd, inode);
	close(fd);
	return err;
}

/* What has ended, was closed or unmounted meanwhile is not there any more. */
static bool is_gone(int err)
{
	return err == -ENOENT || err == -ESRCH || err == -EBADF || err == -ENOTDIR;
}

/* 0, or -ENOMEM. */
static int note_refused(struct tct_netns_walk *walk, uint32_t inode, int err)
{
	if (is_gone(err))
		return 0;
	walk->err = err;
	return tct_inodes_add(&walk->refused, inode) < 0 ? -ENOMEM : 0;
}

/* `fd` or a negative errno, of the namespace that goes by this number as far as is known. */
static int visit_if_open(struct tct_netns_walk *walk, int fd, uint32_t inode)
{
	return fd >= 0 ? visit(walk, fd) : note_refused(walk, inode, fd);
}

static int open_path(const char *path, int flags)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | flags);

	return fd < 0 ? -errno : fd;
}

static int visit_thread(struct tct_netns_walk *walk, struct place place, uint32_t inode)
{
	char path[PROC_PATH_MAX];

	proc_path(path, place, "ns/net");
	return visit_if_open(walk, open_path(path, 0), inode);
}

/* A path that its mount namespace may change as we look: no link leads out, no device is opened. */
static int open_mounted(int root, const char *path)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS,
	};
	int found = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	char self[PROC_PATH_MAX];
	struct statfs fs;
	int fd = -ENOENT;

	if (found < 0)
		return -errno;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", found);
	if (!fstatfs(found, &fs) && fs.f_type == NSFS_MAGIC)
		fd = open_path(self, 0);
	close(found);
	return fd;
}

static int visit_mounts_of(struct tct_netns_walk *walk, FILE *mounts, int root)
{
	char *line = NULL, *path;
	size_t room = 0;
	int err = 0;

	while (!err && getline(&line, &room, mounts) > 0) {
		uint32_t inode = tct_mountinfo_netns(line, &path);

		if (inode && !tct_inodes_has(&walk->known, inode))
			err = visit_if_open(walk, open_mounted(root, path), inode);
	}
	free(line);
	return err;
}

/*
 * Once a mount namespace. A thread in a chroot shows the mounts that it can reach; the first one of
 * a namespace is in none, as a rule.
 */
static int visit_mounts(struct tct_netns_walk *walk, struct place place, uint32_t mntns)
{
	char path[PROC_PATH_MAX];
	FILE *mounts;
	int root, err;

	proc_path(path, place, "root");
	root = open_path(path, O_PATH | O_DIRECTORY);
	if (root < 0)
		return note_refused(walk, mntns, root);
	proc_path(path, place, "mountinfo");
	mounts = fopen(path, "re");
	if (mounts) {
		err = tct_inodes_add(&walk->mounts, mntns);
		if (err > 0)
			err = visit_mounts_of(walk, mounts, root);
		fclose(mounts);
	} else {
		err = note_refused(walk, mntns, -errno);
	}
	close(root);
	return err;
}

/* A copy of a descriptor of another process, or a negative errno. */
static int borrow(struct place place, uint32_t fd)
{
	bool leads = place.pid == place.tid;
	int pidfd = (int)syscall(SYS_pidfd_open, place.tid, leads ? 0 : PIDFD_THREAD);
	int copy;

	if (pidfd < 0)
		return -errno;
	copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (copy < 0)
		copy = -errno;
	close(pidfd);
	return copy;
}

static int open_of_socket(struct place place, uint32_t fd)
{
	int copy = borrow(place, fd), netns;

	if (copy < 0)
		return copy;
	netns = ioctl(copy, SIOCGSKNS);
	if (netns < 0)
		netns = errno == ENOTTY ? -ENOENT : -errno;
	close(copy);
	return netns;
}

static int visit_file(struct tct_netns_walk *walk, struct place place, uint32_t fd, uint32_t inode)
{
	char path[PROC_PATH_MAX], link[16], name[PROC_PATH_MAX];
	ssize_t len;

	snprintf(link, sizeof(link), "fd/%u", fd);
	proc_path(path, place, link);
	len = readlink(path, name, sizeof(name) - 1);
	if (len < 0)
		return visit_if_open(walk, -errno, inode);
	name[len] = '\0';
	if (!strncmp(name, "net:[", 5))
		return visit_if_open(walk, open_path(path, 0), inode);
	if (!strncmp(name, "socket:[", 8))
		return visit_if_open(walk, open_of_socket(place, fd), inode);
	return 0;	/* a namespace of another kind, or another file by now */
}

static int on_holder(void *ctx, const void *data, size_t len)
{
	const struct tct_record_holder *rec = data;
	const struct place place = { rec->pid, rec->tid };
	struct tct_netns_walk *walk = ctx;
	int err = 0;

	if (len < sizeof(*rec))
		return -EBADMSG;
	if (!tct_inodes_has(&walk->known, rec->netns)) {
		if (rec->fd == TCT_HOLDER_THREAD)
			err = visit_thread(walk, place, rec->netns);
		else
			err = visit_file(walk, place, rec->fd, rec->netns);
	}
	if (!err && rec->mntns && !tct_inodes_has(&walk->mounts, rec->mntns))
		err = visit_mounts(walk, place, rec->mntns);
	return err ? err : rec->h.size;
}

/* This thread's namespaces first: who comes first of the others may be in a chroot. */
static int visit_own(struct tct_netns_walk *walk)
{
	const struct place place = { (uint32_t)getpid(), (uint32_t)gettid() };
	struct stat st;
	int err = visit_thread(walk, place, 0);

	if (!err && !stat("/proc/thread-self/ns/mnt", &st))
		err = visit_mounts(walk, place, (uint32_t)st.st_ino);
	return err;
}

/* As name_to_handle_at() makes it of a file of nsfs; opened without any, whoever holds it. */
struct namespace_handle {
	struct file_handle header;
	uint64_t id;
	uint32_t type;
	uint32_t inode;
};

static int open_by_id(const struct tct_namespace *namespace)
{
	struct namespace_handle handle = {
		.header.handle_bytes = sizeof(handle) - sizeof(handle.header),
		.header.handle_type = FILEID_NSFS,
		.id = namespace->id,
		.type = CLONE_NEWNET,
		.inode = namespace->inode,
	};
	int fd = open_by_handle_at(FD_NSFS_ROOT, &handle.header, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/*
 * What the kernel has and nobody has shown yet. `*all`: they have been visited, or are about to
 * end: no file holds another.
 */
static int visit_listed(struct tct_netns_walk *walk, bool *all)
{
	size_t count;
	const struct tct_namespace *list = tct_snapshot_namespaces(walk->snapshot, &count);
	int err = 0;

	*all = list;
	for (size_t i = 0; !err && list && i < count; i++) {
		int fd = -EOPNOTSUPP;

		if (!list[i].inode || tct_inodes_has(&walk->known, list[i].inode))
			continue;
		if (list[i].id)
			fd = open_by_id(&list[i]);
		if (fd >= 0)
			err = visit(walk, fd);
		else if (fd == -ESTALE)
			err = tct_inodes_add(&walk->ended, list[i].inode) < 0 ? -ENOMEM : 0;
		else
			*all = false;
	}
	return err;
}

int tct_netns_walk(struct tct_netns_walk *walk)
{
	int err = visit_own(walk);
	bool all = false;

	if (!err)
		err = tct_snapshot_read(walk->snapshot, TCT_ITER_THREADS, on_holder, walk);
	if (!err)
		err = visit_listed(walk, &all);
	/* each file of each process: what costs most */
	if (!err && !all)
		err = tct_snapshot_read(walk->snapshot, TCT_ITER_FILES, on_holder, walk);
	return err;
}

size_t tct_netns_unvisited(const struct tct_netns_walk *walk)
{
	size_t count = 0;

	for (size_t i = 0; i < walk->refused.count; i++)
		count += !tct_inodes_has(&walk->known, walk->refused.list[i]);
	return count;
}

void tct_netns_end(struct tct_netns_walk *walk)
{
	tct_inodes_fini(&walk->known);
	tct_inodes_fini(&walk->mounts);
	tct_inodes_fini(&walk->refused);
	tct_inodes_fini(&walk->ended);
}
