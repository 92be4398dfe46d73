// SPDX-License-Identifier: GPL-2.0
/*
 * CLOCK_REALTIME as if somebody had set it: by as many seconds as the file that $CLOCKSHIFT names
 * holds, eight bytes which may change at any time.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift_s;

__attribute__((constructor)) static void open_shift(void)
{
	const char *path = getenv("CLOCKSHIFT");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at;

	if (fd < 0)
		return;
	at = mmap(NULL, sizeof(*shift_s), PROT_READ, MAP_SHARED, fd, 0);
	if (at != MAP_FAILED)
		shift_s = at;
	close(fd);
}

int clock_gettime(clockid_t id, struct timespec *out)
{
	int err = (int)syscall(SYS_clock_gettime, id, out);

	if (!err && id == CLOCK_REALTIME && shift_s)
		out->tv_sec += *shift_s;
	return err;
}
