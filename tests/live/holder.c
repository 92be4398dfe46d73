// SPDX-License-Identifier: GPL-2.0
/* A process that holds sockets in CLOSE_WAIT. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deadline.h"
#include "fatal.h"
#include "holder.h"
#include "sockets.h"

#define HELD_MAX 1000
#define MADE_MAX 64

static char *made[MADE_MAX];
static int made_count;

static void join(const char *cgroup)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	fatal_unless(fd >= 0 && write(fd, "0", 1) == 1, path);
	close(fd);
}

static void hold(int link, void *arg)
{
	const struct holder_wish *wish = arg;
	int listener, held[HELD_MAX];
	struct end there;

	fatal_unless(wish->count <= HELD_MAX, "too many");
	if (wish->comm)
		prctl(PR_SET_NAME, wish->comm);
	if (wish->cgroup)
		join(wish->cgroup);
	listener = sockets_listen("127.0.0.1", 0, 8);
	there = sockets_end(listener);
	for (int i = 0; i < wish->count; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0);

		fatal_unless(!sockets_connect(client, there.laddr, there.lport), "connect");
		held[i] = accept(listener, NULL, NULL);
		close(client);
		sockets_wait_state(held[i], TCP_CLOSE_WAIT);
	}
	child_signal(link);
	child_await(link);
	for (int i = 0; i < wish->count; i++)
		close(held[i]);
}

struct child holder_start(const struct holder_wish *wish)
{
	struct child child = child_start(hold, (void *)wish);

	child_await(child.link);
	return child;
}

void holder_end(struct child *holder)
{
	child_signal(holder->link);
	fatal_unless(!child_wait(holder), "a holder's end");
}

static bool find_mount(char *dir, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;
	bool found = false;

	while (mounts && !found && (mount = getmntent(mounts))) {
		found = !strcmp(mount->mnt_type, "cgroup2");
		if (found)
			snprintf(dir, size, "%s", mount->mnt_dir);
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

static void make(const char *dir)
{
	if (mkdir(dir, 0755)) {
		if (errno != EEXIST)
			fatal_skip("no cgroup of version 2 may be made here");
		return;
	}
	fatal_unless(made_count < MADE_MAX, "too many cgroups");
	made[made_count++] = strdup(dir);
}

const char *holder_cgroup(const char *path)
{
	static char dir[512];
	char mount[128];
	size_t root;

	if (!find_mount(mount, sizeof(mount)))
		fatal_skip("cgroups of version 2 are not mounted");
	snprintf(dir, sizeof(dir), "%s/tct-test-%d.slice", mount, getpid());
	make(dir);
	root = strlen(dir);
	snprintf(dir + root, sizeof(dir) - root, "/%s", path);
	for (char *slash = dir + root; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		make(dir);
		*slash = '/';
	}
	make(dir);
	return dir;
}

static bool is_removed(const void *arg)
{
	return !rmdir(arg) || errno == ENOENT;
}

void holder_remove_cgroups(void)
{
	while (made_count) {
		deadline_until(is_removed, made[--made_count], 5000);
		free(made[made_count]);
	}
}
