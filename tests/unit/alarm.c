// SPDX-License-Identifier: GPL-2.0
#include "alarm.h"

#include <string.h>

void alarm_init(struct alarm *alarm, uint32_t count, uint64_t oldest_ns)
{
	alarm->holder = (struct tct_holder){
		.pid = 42, .fd = 5, .count = count, .comm = "nginx",
		.cgroup = "/system.slice/nginx.service", .fds = "5-9",
	};
	alarm->ev = (struct tct_finding){
		.id = 1,
		.rule = "stuck-close-wait",
		.severity = TCT_WARNING,
		.state = TCT_CLOSE_WAIT,
		.to = TCT_CLOSE_WAIT,
		.count = count,
		.oldest_ns = (int64_t)oldest_ns,
		.port = 80,
		.port_is_local = true,
		.advice = "close it",
	};
}

void alarm_tell(struct alarm *alarm, const struct tct_sink *sink, enum tct_status status,
		uint64_t now_ns)
{
	struct tct_finding ev = alarm->ev;

	ev.status = status;
	ev.mono_ns = now_ns;
	ev.holders = &alarm->holder;
	ev.holder_count = alarm->holder.pid ? 1 : 0;
	if (status == TCT_RESOLVED) {
		ev.count = 0;
		ev.oldest_ns = TCT_UNKNOWN;
	}
	sink->finding(sink->ctx, &ev);
}
