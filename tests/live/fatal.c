// SPDX-License-Identifier: GPL-2.0
/* How a helper gives up: the test fails in the test program, a child process just ends. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "fatal.h"

#define CHILD_FAILED 99

static bool in_child;
static void (*skip_in_child)(const char *why);

void fatal_in_child(void)
{
	in_child = true;
}

void fatal_skip_by(void (*tell)(const char *why))
{
	skip_in_child = tell;
}

void fatal_skip(const char *why)
{
	if (skip_in_child) {
		skip_in_child(why);
		_exit(0);
	}
	fatal_unless(!in_child, why);
	print_message("%s\n", why);
	skip();
}

void fatal_unless(bool ok, const char *what)
{
	if (ok)
		return;
	if (in_child) {
		dprintf(2, "child %d: %s: %s\n", getpid(), what, strerror(errno));
		_exit(CHILD_FAILED);
	}
	fail_msg("%s: %s", what, strerror(errno));
}
