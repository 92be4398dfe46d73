// SPDX-License-Identifier: GPL-2.0
/* A network namespace of the test's own, entered and left by the test program itself. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fatal.h"
#include "netns.h"

#define OURS_MAX 256

static int home = -1;	/* the namespace left behind; -1 while at home */

/* Inodes of those that were entered. */
struct entered {
	int count;
	uint64_t inodes[OURS_MAX];
};

static struct entered by_me;
static struct entered *ours = &by_me;

static void loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	fatal_unless(fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &lo), "lo up");
	close(fd);
}

void netns_enter(void)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), nth;

	fatal_unless(here >= 0, "/proc/self/ns/net");
	if (unshare(CLONE_NEWNET)) {
		close(here);
		fatal_skip("no network namespace of our own may be made here");
	}
	home = here;
	nth = __atomic_fetch_add(&ours->count, 1, __ATOMIC_RELAXED);
	fatal_unless(nth < OURS_MAX, "too many namespaces");
	__atomic_store_n(&ours->inodes[nth], netns_inode(), __ATOMIC_RELEASE);
	loopback_up();
}

void netns_share(void)
{
	ours = mmap(NULL, sizeof(*ours), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fatal_unless(ours != MAP_FAILED, "memory");
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

bool netns_was_entered(uint64_t inode)
{
	int i;

	for (i = 0; i < ours->count && i < OURS_MAX; i++)
		if (ours->inodes[i] == inode)
			return true;
	return false;
}

/* Programs start and end at home. */
bool netns_is_ours(uint64_t inode)
{
	return netns_was_entered(inode) || (home < 0 && inode == netns_inode());
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
