// SPDX-License-Identifier: GPL-2.0
/* A network namespace for one run: its ports and its TIME_WAIT sockets start empty and go when the run goes. */
#define _GNU_SOURCE
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) {
		err = -errno;
		goto out;
	}
	request.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		err = -errno;
out:
	close(fd);
	return err;
}

static int sysctl_write(const char *path, const char *value)
{
	ssize_t length = strlen(value);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, length) != length)
		err = -EIO;
	close(fd);
	return err;
}

int netns_enter(void)
{
	int err;

	if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	err = loopback_up();
	if (err)
		return err;
	/* Both belong to this namespace: the host's are not touched. */
	err = sysctl_write("/proc/sys/net/ipv4/ip_local_port_range", "1024 65535");
	if (err)
		return err;
	return sysctl_write("/proc/sys/net/ipv4/tcp_max_tw_buckets", "1048576");
}
