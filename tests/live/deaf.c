// SPDX-License-Identifier: GPL-2.0
/* A peer that is gone, without a firewall. */
#include <linux/filter.h>
#include <stddef.h>
#include <sys/socket.h>

#include "deaf.h"
#include "fatal.h"

void deaf_make(int fd)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &nothing };

	fatal_unless(!setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)),
		     "SO_ATTACH_FILTER");
}

void deaf_heal(int fd)
{
	int unused = 0;

	fatal_unless(!setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused)),
		     "SO_DETACH_FILTER");
}
