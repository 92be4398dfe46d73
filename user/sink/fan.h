/* SPDX-License-Identifier: GPL-2.0 */
/* One sink that tells several, in their order. */
#ifndef TCT_FAN_H
#define TCT_FAN_H

#include "../core/event.h"

#define TCT_FAN_MAX 8

struct tct_fan {
	struct tct_sink to[TCT_FAN_MAX];
	size_t count;
};

/* `fan` with its sinks; both must outlive `ops`. */
void tct_fan_init(const struct tct_fan *fan, struct tct_sink *ops);

#endif
