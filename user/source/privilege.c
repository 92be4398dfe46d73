// SPDX-License-Identifier: GPL-2.0
#include "privilege.h"

#include <cap-ng.h>
#include <linux/capability.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

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

bool tct_privilege_hides_addresses(void)
{
	capng_get_caps_process();
	return !have(CAP_SYSLOG);
}

/* What libcap-ng keeps is that of the whole process: a thread asks the kernel itself. */
void tct_privilege_renounce(uint32_t but)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct had[_LINUX_CAPABILITY_U32S_3] = { 0 };
	struct __user_cap_data_struct left[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (!syscall(SYS_capget, &header, had))
		left[0].effective = left[0].permitted = had[0].permitted & but;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	syscall(SYS_capset, &header, left);
}
