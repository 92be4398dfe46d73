// SPDX-License-Identifier: GPL-2.0
#include "privilege.h"

#include <cap-ng.h>
#include <stddef.h>
#include <sys/stat.h>

#define INITIAL_USER_NS 0xEFFFFFFDu	/* USER_NS_INIT_INO of linux/nsfs.h */

static int have(unsigned int capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability);
}

/* There all capabilities are had, and none counts for BPF. */
static bool is_in_user_namespace(void)
{
	struct stat own;

	return !stat("/proc/self/ns/user", &own) && own.st_ino != INITIAL_USER_NS;
}

const char *tct_privilege_missing(bool other_netns)
{
	static const struct {
		unsigned int capability;
		const char *name;
	} needed[] = {
		{ CAP_BPF, "CAP_BPF" },
		{ CAP_PERFMON, "CAP_PERFMON" },
	};

	if (is_in_user_namespace())
		return "CAP_BPF outside of this user namespace";
	capng_get_caps_process();
	if (have(CAP_SYS_ADMIN))
		return NULL;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (!have(needed[i].capability))
			return needed[i].name;
	}
	return other_netns ? "CAP_SYS_ADMIN" : NULL;
}
