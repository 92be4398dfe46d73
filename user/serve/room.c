// SPDX-License-Identifier: GPL-2.0
#include "room.h"

#include <sys/resource.h>

uint32_t tct_room_for(uint32_t connections)
{
	const rlim_t wanted = (rlim_t)connections + TCT_ROOM_OWN;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
		return connections;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= wanted)
		return connections;
	return limit.rlim_cur > TCT_ROOM_OWN ? (uint32_t)(limit.rlim_cur - TCT_ROOM_OWN) : 1;
}
