// SPDX-License-Identifier: GPL-2.0
#include "hooks.h"

#include <errno.h>
#include <string.h>

#define STATE TCT_POINT_SET_STATE
#define BEGIN TCT_POINT_TIME_WAIT
#define END TCT_POINT_TIME_WAIT_END
#define RESET TCT_POINT_RESET

#define PAIRED .paired = true
#define RAW .raw = true
#define COUNTS .counts = true

static const struct tct_hook hooks[] = {
	{ STATE, TCT_KMOD, TCT_NEEDED, .program = "tct_kmod_state",
	  .target = "tcp_set_state" },
	{ BEGIN, TCT_KMOD, TCT_NEEDED, .program = "tct_kmod_time_wait",
	  .target = "tcp_time_wait" },
	{ END, TCT_KMOD, TCT_NEEDED, .program = "tct_kmod_time_wait_end",
	  .target = "tcp_time_wait_end" },

	/* a trampoline runs what was attached last first (bpf_trampoline_link_prog()) */
	{ STATE, TCT_FENTRY, TCT_NEEDED, PAIRED, .program = "tct_fentry_set_second",
	  .target = "inet_sk_set_state" },
	{ STATE, TCT_FENTRY, TCT_NEEDED, PAIRED, .program = "tct_fentry_set",
	  .target = "inet_sk_set_state" },
	{ STATE, TCT_FENTRY, TCT_NEEDED, PAIRED, .program = "tct_fentry_store_second",
	  .target = "inet_sk_state_store" },
	{ STATE, TCT_FENTRY, TCT_NEEDED, PAIRED, .program = "tct_fentry_store",
	  .target = "inet_sk_state_store" },
	{ BEGIN, TCT_FENTRY, TCT_ONE_OF, .program = "tct_fentry_hashdance",
	  .target = "inet_twsk_hashdance" },
	{ BEGIN, TCT_FENTRY, TCT_ONE_OF, .program = "tct_fentry_hashdance_schedule",
	  .target = "inet_twsk_hashdance_schedule" },
	{ BEGIN, TCT_FENTRY, TCT_NEEDED, .program = "tct_fentry_rearm",
	  .target = "__inet_twsk_schedule" },
	{ END, TCT_FENTRY, TCT_NEEDED, .program = "tct_fentry_kill",
	  .target = "inet_twsk_kill" },

	{ STATE, TCT_KPROBE, TCT_NEEDED, .program = "tct_kprobe_set",
	  .target = "inet_sk_set_state" },
	{ STATE, TCT_KPROBE, TCT_NEEDED, .program = "tct_kprobe_store",
	  .target = "inet_sk_state_store" },
	{ BEGIN, TCT_KPROBE, TCT_ONE_OF, .program = "tct_kprobe_hashdance",
	  .target = "inet_twsk_hashdance" },
	{ BEGIN, TCT_KPROBE, TCT_ONE_OF, .program = "tct_kprobe_hashdance_schedule",
	  .target = "inet_twsk_hashdance_schedule" },
	{ BEGIN, TCT_KPROBE, TCT_NEEDED, .program = "tct_kprobe_rearm",
	  .target = "__inet_twsk_schedule" },
	{ END, TCT_KPROBE, TCT_NEEDED, .program = "tct_kprobe_kill",
	  .target = "inet_twsk_kill" },

	{ STATE, TCT_TRACEPOINT, TCT_NEEDED, PAIRED, .program = "tct_tp_state",
	  .target = "inet_sock_set_state" },
	{ STATE, TCT_TRACEPOINT, TCT_NEEDED, PAIRED, .program = "tct_tp_state_second",
	  .target = "inet_sock_set_state" },
	{ STATE, TCT_TRACEPOINT, TCT_NEEDED, PAIRED, RAW, .program = "tct_raw_state",
	  .target = "inet_sock_set_state" },
	{ STATE, TCT_TRACEPOINT, TCT_NEEDED, PAIRED, RAW, .program = "tct_raw_state_second",
	  .target = "inet_sock_set_state" },
	{ BEGIN, TCT_TRACEPOINT, TCT_NEEDED, .program = "tct_tp_timer_start",
	  .target = "timer_start" },
	{ BEGIN, TCT_TRACEPOINT, TCT_NEEDED, RAW, .program = "tct_raw_timer_start",
	  .target = "timer_start" },
	/* a segment that it misses is noticed at the mini-socket's end */
	{ BEGIN, TCT_TRACEPOINT, TCT_EXTRA, PAIRED, .args = 4, .program = "tct_tp_kfree_skb",
	  .target = "kfree_skb" },
	{ END, TCT_TRACEPOINT, TCT_NEEDED, .program = "tct_tp_timer_cancel",
	  .target = "timer_cancel" },
	{ END, TCT_TRACEPOINT, TCT_NEEDED, RAW, .program = "tct_raw_timer_cancel",
	  .target = "timer_cancel" },

	{ STATE, TCT_TRACEPOINT, TCT_NEEDED, PAIRED, COUNTS, .program = "tct_tp_count",
	  .target = "inet_sock_set_state" },
	{ STATE, TCT_TRACEPOINT, TCT_NEEDED, PAIRED, COUNTS, .program = "tct_tp_count_second",
	  .target = "inet_sock_set_state" },
	{ BEGIN, TCT_TRACEPOINT, TCT_NEEDED, COUNTS, .program = "tct_tp_count_start",
	  .target = "timer_start" },
	{ BEGIN, TCT_TRACEPOINT, TCT_EXTRA, PAIRED, COUNTS, .args = 4,
	  .program = "tct_tp_count_segment", .target = "kfree_skb" },
	{ END, TCT_TRACEPOINT, TCT_NEEDED, COUNTS, .program = "tct_tp_count_cancel",
	  .target = "timer_cancel" },

	{ RESET, TCT_TRACEPOINT, TCT_NEEDED, .program = "tct_tp_send_reset",
	  .target = "tcp_send_reset" },
	{ RESET, TCT_TRACEPOINT, TCT_NEEDED, RAW, .program = "tct_raw_send_reset",
	  .target = "tcp_send_reset" },
};

static const char *const providers[TCT_PROVIDERS] = {
	[TCT_KMOD] = "kmod",
	[TCT_FENTRY] = "fentry",
	[TCT_KPROBE] = "kprobe",
	[TCT_TRACEPOINT] = "tracepoint",
};

static const struct {
	const char *name;
	const char *use;
	bool optional;
} points[TCT_POINTS] = {
	[STATE] = { "set_state", "every transition of a full socket" },
	[BEGIN] = { "time_wait", "a mini-socket's arrival and re-arming" },
	[END] = { "time_wait_end", "its end, with the stack that tells why" },
	[RESET] = { "reset", "that this host sent a reset, from 6.11 on why", .optional = true },
};

const char *tct_provider_name(enum tct_provider provider)
{
	return provider < TCT_PROVIDERS ? providers[provider] : NULL;
}

int tct_provider_parse(const char *text, enum tct_provider *provider)
{
	for (int i = 0; i < TCT_PROVIDERS; i++) {
		if (!strcmp(text, providers[i])) {
			*provider = (enum tct_provider)i;
			return 0;
		}
	}
	*provider = TCT_AUTO;
	return strcmp(text, "auto") ? -EINVAL : 0;
}

const char *tct_point_name(enum tct_point point)
{
	return points[point].name;
}

const char *tct_point_use(enum tct_point point)
{
	return points[point].use;
}

bool tct_point_is_optional(enum tct_point point)
{
	return points[point].optional;
}

const struct tct_hook *tct_hooks(size_t *count)
{
	*count = sizeof(hooks) / sizeof(hooks[0]);
	return hooks;
}
