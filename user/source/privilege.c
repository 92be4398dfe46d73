// SPDX-License-Identifier: GPL-2.0
#include "privilege.h"

#include <cap-ng.h>
#include <stddef.h>

static int have(unsigned int capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability);
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

	capng_get_caps_process();
	if (have(CAP_SYS_ADMIN))
		return NULL;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (!have(needed[i].capability))
			return needed[i].name;
	}
	return other_netns ? "CAP_SYS_ADMIN" : NULL;
}
