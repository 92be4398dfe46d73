// SPDX-License-Identifier: GPL-2.0
/* A library of tests/live/preload that comes before libc in the program under test. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fatal.h"
#include "preload.h"

void preload_open(const char *library)
{
	char path[256];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 64);

	if (getenv("TCT_SANITIZED"))
		fatal_skip("a sanitizer wants to be the first library");
	fatal_unless(len > 0, "/proc/self/exe");
	path[len] = '\0';
	snprintf(strrchr(path, '/') + 1, 64, "%s", library);
	if (access(path, R_OK))
		fatal_skip("a library to preload is not beside the test");
	setenv("LD_PRELOAD", path, 1);
}

void preload_close(void)
{
	unsetenv("LD_PRELOAD");
}
