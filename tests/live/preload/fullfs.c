// SPDX-License-Identifier: GPL-2.0
/* A bpffs that has room for $FULLFS more names, and then for none. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>

static long left = -1;	/* no limit */

__attribute__((constructor)) static void read_room(void)
{
	const char *room = getenv("FULLFS");

	if (room)
		left = strtol(room, NULL, 10);
}

static int is_refused(long number, long command)
{
	if (number != SYS_bpf || command != BPF_OBJ_PIN || left < 0)
		return 0;
	if (!left)
		return 1;
	left--;
	return 0;
}

long syscall(long number, ...)
{
	static long (*libc)(long, long, long, long, long, long, long);
	long args[6];
	va_list list;

	if (!libc)
		*(void **)&libc = dlsym(RTLD_NEXT, "syscall");
	va_start(list, number);
	for (int i = 0; i < 6; i++)
		args[i] = va_arg(list, long);
	va_end(list);
	if (is_refused(number, args[0])) {
		errno = ENOSPC;
		return -1;
	}
	return libc(number, args[0], args[1], args[2], args[3], args[4], args[5]);
}
