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
	struct ftrace_ops ops;
};

/* PERMANENT: kernel.ftrace_enabled=0 is refused for as long as it would silence us. */
#define TCT_HOOK(name, callback) {								\
	.symbol = name,										\
	.ops = {										\
		.func = callback,								\
		.flags = TCT_FTRACE_REGS | TCT_FTRACE_RECURSION | FTRACE_OPS_FL_PERMANENT,	\
	},											\
}

/* Whether the kernel has such a function, and lets it be traced. May sleep. */
bool tct_hook_exists(struct tct_hook *hook);

/* 0 or a negative errno: -ENOENT if the kernel has no such function. May sleep. */
int tct_hook_attach(struct tct_hook *hook);

/* When it returns, the callback runs nowhere and will not run again. May sleep. */
void tct_hook_detach(struct tct_hook *hook);

#endif
