// SPDX-License-Identifier: GPL-2.0
#include "hook.h"

static int hook_aim(struct tct_hook *hook)
{
	int err;

	err = ftrace_set_filter(&hook->ops, hook->symbol, strlen(hook->symbol), 1);
	return err == -EINVAL ? -ENOENT : err;
}

/* Frees the list of functions, which holds one. */
static void hook_forget(struct tct_hook *hook)
{
	ftrace_set_filter(&hook->ops, NULL, 0, 1);
}

bool tct_hook_exists(struct tct_hook *hook)
{
	bool exists = hook_aim(hook) != -ENOENT;

	hook_forget(hook);
	return exists;
}

int tct_hook_attach(struct tct_hook *hook)
{
	int err;

	err = hook_aim(hook);
	if (err)
		return err;
	err = register_ftrace_function(&hook->ops);
	if (err)
		hook_forget(hook);
	hook->attached = !err;
	return err;
}

void tct_hook_detach(struct tct_hook *hook)
{
	if (!hook->attached)
		return;
	unregister_ftrace_function(&hook->ops);
	hook_forget(hook);
	hook->attached = false;
}
