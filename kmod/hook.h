/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A callback at the entry of one kernel function. It runs in the function's own context, so that
 * the stack shows the function and its callers. Unlike a kprobe's handler it is not skipped when
 * a softirq comes in the middle of another one.
 */
#ifndef TCT_HOOK_H
#define TCT_HOOK_H

#include "compat.h"

struct tct_hook {
	char symbol[32];	/* ftrace wants it writable */
	bool attached;
	struct ftrace_ops ops;
};

#define TCT_HOOK(name, callback) \
	{ .symbol = name, .ops = { .func = callback, .flags = TCT_FTRACE_FLAGS } }

/* Whether the kernel has such a function, and lets it be traced. May sleep. */
bool tct_hook_exists(struct tct_hook *hook);

/* 0 or a negative errno: -ENOENT if the kernel has no such function. May sleep. */
int tct_hook_attach(struct tct_hook *hook);

/* The callback runs nowhere afterwards. Nothing to do for one that is not attached. May sleep. */
void tct_hook_detach(struct tct_hook *hook);

#endif
