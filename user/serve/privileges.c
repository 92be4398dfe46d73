// SPDX-License-Identifier: GPL-2.0
#include "privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include "../source/privilege.h"
#include "../source/thread.h"

/* What is needed after all is attached, as tried on kernels 5.10 to 6.18. */
static const unsigned int kept[] = {
	CAP_BPF,		/* before 5.19: every look at a map, every iterator */
	CAP_SYS_ADMIN,		/* setns() into the network namespaces whose sockets are read */
	CAP_SYS_PTRACE,		/* /proc/PID/ns/net and /proc/PID/fd of others */
	CAP_DAC_READ_SEARCH,	/* the same, of other users */
};

#define KEPT (sizeof(kept) / sizeof(kept[0]))

/* Whose thread has them already: others are not to be had. */
static void choose(bool bounds)
{
	bool had[KEPT];

	for (size_t i = 0; i < KEPT; i++)
		had[i] = capng_have_capability(CAPNG_PERMITTED, kept[i]);
	capng_clear(bounds ? CAPNG_SELECT_ALL : CAPNG_SELECT_CAPS);
	for (size_t i = 0; i < KEPT; i++) {
		if (!had[i])
			continue;
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, kept[i]);
		if (bounds)
			capng_update(CAPNG_ADD, CAPNG_BOUNDING_SET, kept[i]);
	}
}

int tct_privileges_drop(void)
{
	bool bounds;

	if (capng_get_caps_process())
		return -EIO;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	bounds = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	choose(bounds);
	if (capng_apply(bounds ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS))
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

struct call {
	void (*fn)(void *ctx);
	void *ctx;
};

static void *without(void *ctx)
{
	const struct call *call = ctx;

	tct_privilege_renounce(1u << CAP_NET_BIND_SERVICE);
	call->fn(call->ctx);
	return NULL;
}

int tct_privileges_run_without(void (*fn)(void *ctx), void *ctx)
{
	struct call call = { .fn = fn, .ctx = ctx };
	pthread_t thread;
	int err = tct_thread_start(&thread, without, &call);

	if (!err)
		pthread_join(thread, NULL);
	return err;
}

void tct_privileges_name(char *out, unsigned long size)
{
	size_t len = 0;

	snprintf(out, size, "none");
	if (capng_get_caps_process())
		return;
	for (unsigned int i = 0; i <= CAP_LAST_CAP && len < size; i++) {
		const char *name = capng_capability_to_name(i);

		if (!name || !capng_have_capability(CAPNG_PERMITTED, i))
			continue;
		len += (size_t)snprintf(out + len, size - len, "%s%s", len ? "," : "", name);
	}
}
