// SPDX-License-Identifier: GPL-2.0
#include "end.h"

/* Innermost frame first wins; a SYN into TIME_WAIT and data into FIN_WAIT2 share tcp_v4_rcv(). */
static const struct {
	const char *symbol;
	enum tct_end time_wait;
	enum tct_end fin_wait2;
} reasons[] = {
	/* compilers leave a check in it and the work in a part, or it goes into its caller */
	{ "__run_timers", TCT_END_EXPIRED, TCT_END_EXPIRED },
	{ "__run_timers.part.0", TCT_END_EXPIRED, TCT_END_EXPIRED },
	{ "__run_timer_base", TCT_END_EXPIRED, TCT_END_EXPIRED },
	{ "expire_timers", TCT_END_EXPIRED, TCT_END_EXPIRED },
	{ "__mod_timer", TCT_END_REARMED, TCT_END_REARMED },
	{ "mod_timer_pending", TCT_END_REARMED, TCT_END_REARMED },
	{ "__inet_check_established", TCT_END_REUSED_OUT, TCT_END_REUSED_OUT },
	{ "__inet6_check_established", TCT_END_REUSED_OUT, TCT_END_REUSED_OUT },
	{ "tcp_timewait_state_process", TCT_END_RESET, TCT_END_RESET },
	{ "inet_twsk_purge", TCT_END_PURGED, TCT_END_PURGED },
	{ "tcp_abort", TCT_END_DESTROYED, TCT_END_DESTROYED },
	{ "tcp_v4_rcv", TCT_END_REUSED_IN, TCT_END_RESET_SENT },
	{ "tcp_v6_rcv", TCT_END_REUSED_IN, TCT_END_RESET_SENT },
	/* where the kernel chose the port, the one taken is let go when all locks are */
	{ "__inet_hash_connect", TCT_END_REUSED_OUT, TCT_END_REUSED_OUT },
};

#define REASONS (sizeof(reasons) / sizeof(reasons[0]))

_Static_assert(REASONS <= TCT_END_SYMBOLS_MAX, "room for every symbol");

static const char *const names[TCT_ENDS] = {
	[TCT_END_UNKNOWN] = "unknown",
	[TCT_END_EXPIRED] = "expired",
	[TCT_END_REUSED_OUT] = "reused-out",
	[TCT_END_REUSED_IN] = "reused-in",
	[TCT_END_RESET] = "reset",
	[TCT_END_RESET_SENT] = "reset",
	[TCT_END_PURGED] = "purged",
	[TCT_END_DESTROYED] = "destroyed",
	[TCT_END_FIN_ARRIVED] = "fin-arrived",
	[TCT_END_NEVER_CREATED] = "never-created",
};

const char *tct_end_name(enum tct_end end)
{
	return end < TCT_ENDS ? names[end] : names[TCT_END_UNKNOWN];
}

const char *tct_end_symbol_name(size_t i)
{
	return i < REASONS ? reasons[i].symbol : NULL;
}

/* A return address may be the first behind its function, when the call was its last instruction. */
static int reason_of(uint64_t address, const struct tct_end_symbol *symbols)
{
	for (size_t i = 0; i < REASONS; i++) {
		if (symbols[i].start && address > symbols[i].start && address <= symbols[i].stop)
			return (int)i;
	}
	return -1;
}

enum tct_end tct_end_of_stack(const __u64 *stack, size_t depth, enum tct_state substate,
			      const struct tct_end_symbol *symbols)
{
	for (size_t i = 0; i < depth && stack[i]; i++) {
		int r = reason_of(stack[i], symbols);

		if (r >= 0)
			return substate == TCT_FIN_WAIT2 ? reasons[r].fin_wait2
							 : reasons[r].time_wait;
	}
	return TCT_END_UNKNOWN;
}
