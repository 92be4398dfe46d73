// SPDX-License-Identifier: GPL-2.0
/* A page that is not there until somebody serves it: who touches it waits. */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fatal.h"
#include "gap.h"

void gap_open(struct gap *gap)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	gap->size = sysconf(_SC_PAGESIZE);
	gap->handler = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (gap->handler < 0)
		fatal_skip("no userfaultfd here");
	gap->page = mmap(NULL, gap->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	range.range.start = (uintptr_t)gap->page;
	range.range.len = gap->size;
	fatal_unless(gap->page != MAP_FAILED && !ioctl(gap->handler, UFFDIO_API, &api) &&
		     !ioctl(gap->handler, UFFDIO_REGISTER, &range), "userfaultfd");
}

void gap_await_touch(const struct gap *gap)
{
	struct uffd_msg message;

	fatal_unless(read(gap->handler, &message, sizeof(message)) == sizeof(message), "touch");
}

void gap_fill(const struct gap *gap)
{
	struct uffdio_zeropage zero = { .range = { (uintptr_t)gap->page, gap->size } };

	fatal_unless(!ioctl(gap->handler, UFFDIO_ZEROPAGE, &zero), "UFFDIO_ZEROPAGE");
}
