// SPDX-License-Identifier: GPL-2.0
/* A TUN device: what the kernel sends to a network that is us. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fatal.h"
#include "tun.h"

static struct ifreq with_address(struct ifreq request, const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = inet_addr(text) };

	memcpy(&request.ifr_addr, &address, sizeof(address));
	return request;
}

static void configure(const struct ifreq *device, const char *address)
{
	struct ifreq local = with_address(*device, address);
	struct ifreq mask = with_address(*device, "255.255.255.0");
	struct ifreq up = *device;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	up.ifr_flags = IFF_UP | IFF_RUNNING;
	fatal_unless(fd >= 0 && !ioctl(fd, SIOCSIFADDR, &local) &&
		     !ioctl(fd, SIOCSIFNETMASK, &mask) && !ioctl(fd, SIOCSIFFLAGS, &up),
		     "address of the TUN device");
	close(fd);
}

int tun_open(const char *address)
{
	struct ifreq device = { .ifr_name = "tct0", .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		fatal_skip("no /dev/net/tun here");
	fatal_unless(!ioctl(fd, TUNSETIFF, &device), "TUNSETIFF");
	configure(&device, address);
	return fd;
}

size_t tun_read(int tun, uint8_t *packet, size_t room)
{
	ssize_t size = read(tun, packet, room);

	fatal_unless(size > 0 || errno == EAGAIN, "read from the TUN device");
	return size > 0 ? size : 0;
}

void tun_write(int tun, const uint8_t *packet, size_t size)
{
	fatal_unless(write(tun, packet, size) == (ssize_t)size, "write to the TUN device");
}
