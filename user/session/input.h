/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that a run is made of, in order: what the kernel told, when somebody looked, what was looked
 * up. A live run makes inputs from the kernel and the clock, a replay reads them from a file; the
 * session takes both alike, so both print the same.
 */
#ifndef TCT_INPUT_H
#define TCT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers are part of the recording's format. Times are CLOCK_MONOTONIC ns. */
enum tct_input_kind {
	TCT_IN_RECORD = 1,	/* `data`: a record of bpf/record.h, of the ring or an iterator */
	TCT_IN_BATCH = 2,	/* at now_ns all records until `value` had been read */
	TCT_IN_SCAN_BEGIN = 3,	/* what follows is read by iterators */
	TCT_IN_SCAN_END = 4,	/* all of it was, so findings may be told */
	TCT_IN_SCAN_FAILED = 5,
	/* what was there at the start is known: of `which` namespaces, and `value` requests */
	TCT_IN_SEEDED = 6,
	TCT_IN_OWNERS = 7,	/* only descriptors were read */
	TCT_IN_MINIS = 8,	/* brief: mini-sockets are about to be counted anew */
	TCT_IN_LOSS = 9,	/* `which`: enum tct_loss_where; `value`: in all since the start */
	TCT_IN_ASKED = 10,	/* for the totals so far */
	TCT_IN_CLOCK = 11,	/* `value`: CLOCK_REALTIME minus CLOCK_MONOTONIC has become this */
	TCT_IN_CGROUP = 12,	/* of process `which`: `data`, a string, none when not known */
	TCT_IN_FILES = 13,	/* of process `which`: `data`, a struct tct_files, none likewise */
	TCT_IN_FINISH = 14,	/* no record comes any more; `value` as in BATCH; `which` 1: to this
				 * run, another goes on with what waits */
	TCT_IN_NAMESPACE = 15,	/* of what is being scanned, `which` was read whole */
	TCT_IN_SOCKET = 16,	/* of a run before: `data`, a struct tct_memo; before SEEDED */
	TCT_IN_ATTEMPTS = 20,	/* `value`: records that the kernel side was to send, since the start */
	TCT_IN_RECEIVED = 21,	/* `value`: those that came by the ring, since the start */
	/* `which` 1: the stream is thinned from here on; 0: it is full again, and `data` is what was
	 * counted meanwhile, uint64_t[TCT_STATES][TCT_STATES] by [from][to] */
	TCT_IN_FLOOD = 22,
	TCT_IN_CONTINUED = 23,	/* the mirror is that of a run before: `value` transitions received
				 * until now, `which` of them waiting in the ring */
	TCT_IN_DOUBT = 24,	/* of a run before: `which` TCT_DOUBT_*, last at now_ns */
	TCT_IN_FORGOTTEN = 25,	/* runs before received `value` transitions; their mirror is lost */
	TCT_IN_BEYOND = 26,	/* of a run before: `value` sockets found no room in shard `which` */
	/* audits: core/audit.h. `which` 1 of SWEEP and SETTLE: every namespace was read */
	TCT_IN_AUDIT_BEGIN = 30,	/* `which` 1: somebody asked */
	TCT_IN_AUDIT_NAMESPACE = 31,	/* `which` was read whole */
	TCT_IN_AUDIT_RECORD = 32,	/* `data`: as of RECORD, for the audit alone */
	TCT_IN_AUDIT_SWEEP = 33,	/* `value`: so many buckets */
	TCT_IN_AUDIT_AGAIN = 34,
	TCT_IN_AUDIT_SETTLE = 35,	/* `value`: so many suspects */
	TCT_IN_AUDIT_DROP = 36,
	TCT_IN_JOIN = 37,	/* several shards: what they told until here is told */
	TCT_IN_TALLY = 38,	/* `data`: what was counted since the start, a struct
				 * tct_tally; `which` 0: no more than how many */
	TCT_IN_LISTED = 39,	/* `data`: uint32_t[], all namespaces that the kernel has, told with
				 * those of a scan that were read */
	TCT_IN_AUDIT_LISTED = 40,	/* likewise, for the audit alone */
	TCT_INPUTS
};

struct tct_input {
	enum tct_input_kind kind;
	uint32_t which;
	uint64_t now_ns;
	uint64_t value;
	const void *data;	/* 8-byte aligned */
	size_t len;		/* of a record: what is there, one or more */
};

/* Whether its data is a record of bpf/record.h. */
static inline bool tct_input_is_record(const struct tct_input *input)
{
	return input->kind == TCT_IN_RECORD || input->kind == TCT_IN_AUDIT_RECORD;
}

#endif
