/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a TIME_WAIT mini-socket's timer stopped: the first telling function in the kernel stack at
 * that moment. The caller supplies the addresses of those functions (from kallsyms).
 */
#ifndef TCT_END_H
#define TCT_END_H

#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include "fsm.h"

enum tct_end {
	TCT_END_UNKNOWN,
	TCT_END_EXPIRED,
	TCT_END_REUSED_OUT,	/* taken by a new outgoing connect */
	TCT_END_REUSED_IN,	/* a new SYN arrived */
	TCT_END_RESET,		/* an RST arrived (in TIME_WAIT: with tcp_rfc1337=0) */
	TCT_END_RESET_SENT,	/* data into a FIN_WAIT2 mini-socket, answered by an RST */
	TCT_END_PURGED,		/* its namespace was removed */
	TCT_END_DESTROYED,	/* SOCK_DESTROY */
	TCT_END_FIN_ARRIVED,	/* FIN_WAIT2 went on to TIME_WAIT */
	TCT_END_NEVER_CREATED,	/* no mini-socket: bucket limit (tcp_max_tw_buckets), or no memory */
	TCT_ENDS,
	TCT_END_REARMED		/* no end: the timer was started again */
};

const char *tct_end_name(enum tct_end end);

/* One kernel function whose presence in the stack tells the reason. */
struct tct_end_symbol {
	uint64_t start;		/* 0 while unresolved */
	uint64_t stop;		/* first address behind it */
};

/* The functions to resolve: name of number i, NULL past the last. */
const char *tct_end_symbol_name(size_t i);

#define TCT_END_SYMBOLS_MAX 16

/*
 * `symbols` is parallel to tct_end_symbol_name(). Returns TCT_END_REARMED for a re-arm and
 * TCT_END_UNKNOWN when no frame tells.
 */
enum tct_end tct_end_of_stack(const __u64 *stack, size_t depth, enum tct_state substate,
			      const struct tct_end_symbol *symbols);

#endif
