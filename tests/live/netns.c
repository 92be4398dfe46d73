// SPDX-License-Identifier: GPL-2.0
/* A network namespace of the test's own, entered and left by the test program itself. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fatal.h"
#include "netns.h"

#define OURS_MAX 64

static int home = -1;	/* the namespace left behind; -1 while at home */
static uint64_t ours[OURS_MAX];	/* inodes of those that were entered */
static int entered;

void netns_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	fatal_unless(fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &lo), "lo up");
	close(fd);
}

void netns_enter(void)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	fatal_unless(here >= 0, "/proc/self/ns/net");
	if (unshare(CLONE_NEWNET)) {
		close(here);
		fatal_skip("no network namespace of our own may be made here");
	}
	home = here;
	fatal_unless(entered < OURS_MAX, "too many namespaces");
	ours[entered++] = netns_inode();
	netns_up();
}

void netns_leave(void)
{
	if (home < 0)
		return;
	fatal_unless(!setns(home, CLONE_NEWNET), "setns");
	close(home);
	home = -1;
}

uint64_t netns_inode(void)
{
	struct stat st;

	fatal_unless(!stat("/proc/self/ns/net", &st), "/proc/self/ns/net");
	return st.st_ino;
}

/* Programs start and end at home. */
bool netns_is_ours(uint64_t inode)
{
	int i;

	for (i = 0; i < entered; i++)
		if (ours[i] == inode)
			return true;
	return home < 0 && inode == netns_inode();
}

void netns_set(const char *path, const char *value)
{
	char full[256];
	int fd;

	snprintf(full, sizeof(full), "/proc/sys/%s", path);
	fd = open(full, O_WRONLY | O_CLOEXEC);
	fatal_unless(fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value), path);
	close(fd);
}
