// SPDX-License-Identifier: GPL-2.0
#include "privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include "../source/privilege.h"
#include "../source/thread.h"

static bool is_had(unsigned int capability)
{
	return capng_have_capability(CAPNG_PERMITTED, capability);
}

static bool always(void)
{
	return true;
}

static bool without_admin(void)
{
	return !is_had(CAP_SYS_ADMIN);
}

/* From 6.2 on the size of the directory, which all may see, is their number. */
static bool counts_descriptors(void)
{
	struct stat st;

	return stat("/proc/self/fd", &st) || !st.st_size;
}

/* What is needed after all is attached, as tried on kernels 5.10 and 6.18. */
static const struct {
	unsigned int capability;
	bool (*is_needed)(void);
} kept[] = {
	/* setns() into the network namespaces whose sockets are read; and all that is CAP_BPF's */
	{ CAP_SYS_ADMIN, always },
	/* before 5.19, every look at a map, every iterator */
	{ CAP_BPF, without_admin },
	/* /proc/PID/ns/net of others */
	{ CAP_SYS_PTRACE, always },
	/* how many entries /proc/PID/fd has, of other users */
	{ CAP_DAC_READ_SEARCH, counts_descriptors },
};

#define KEPT (sizeof(kept) / sizeof(kept[0]))

/* Of those that the thread has: others are not to be had. */
static void choose(bool bounds)
{
	bool had[KEPT];

	for (size_t i = 0; i < KEPT; i++)
		had[i] = is_had(kept[i].capability) && kept[i].is_needed();
	capng_clear(bounds ? CAPNG_SELECT_ALL : CAPNG_SELECT_CAPS);
	for (size_t i = 0; i < KEPT; i++) {
		if (!had[i])
			continue;
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, kept[i].capability);
		if (bounds)
			capng_update(CAPNG_ADD, CAPNG_BOUNDING_SET, kept[i].capability);
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
