/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The shared ABI: what the kernel side writes and the user side decodes.
 *
 * Every record starts with its own size and tag, so that a reader can check both before it
 * looks further. Fixed widths, explicit padding, host byte order (ports and addresses too are
 * named for what they are). Times are CLOCK_MONOTONIC in ns, as bpf_ktime_get_ns() reads it.
 */
#ifndef TCT_RECORD_H
#define TCT_RECORD_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

/* Layout of the records below. A change of any layout raises it. */
#define TCT_RECORD_VERSION 4

#define TCT_COMM_LEN 16
#define TCT_STACK_DEPTH 16
#define TCT_CPUS_MAX 1024
#define TCT_NAMESPACES_MAX 512	/* that the kernel side lists */
#define TCT_KEYS_MAX 16384	/* sockets that an iterator may be asked for by their keys */

enum tct_record_tag {
	TCT_REC_STATE = 1,	/* a transition of a full socket (inet_sock_set_state) */
	TCT_REC_SOCK = 2,	/* a full socket as the iterator found it: from == to */
	TCT_REC_TW_START = 3,	/* a mini-socket's timer was started; by its timer's hook: or again */
	TCT_REC_TW_SEGMENT = 4,	/* a segment reached a mini-socket, its substate afterwards */
	TCT_REC_TW_CANCEL = 5,	/* a mini-socket's timer stopped: an end, or a re-arm */
	TCT_REC_TW_SOCK = 6,	/* a mini-socket as the iterator found it */
	TCT_REC_OWNER = 7,	/* a descriptor that holds a socket (iter/task_file) */
	TCT_REC_STEP = 8,	/* a transition, brief: for a reader that only wants findings */
	TCT_REC_TW_END = 9,	/* a mini-socket leaves: as TW_CANCEL, but never a re-arm */
	TCT_REC_TW_REARM = 10,	/* a mini-socket's timer was started again */
	TCT_REC_RESET = 11,	/* a full socket sends a reset */
	TCT_REC_FOUND = 12,	/* as SOCK, in a state that can last too long: and why it does */
	TCT_REC_PRESENT = 13,	/* any socket as the iterator found it, brief: for an audit */
	TCT_REC_HOLDER = 14,	/* a thread or a file that holds a namespace (iter/task, task_file) */
	TCT_REC_STAYS = 15,	/* as FOUND, by --mode=summary: and since when it is in its state */
};

struct tct_record_header {
	__u16 size;		/* of the whole record, this header included */
	__u8 tag;		/* enum tct_record_tag */
	__u8 version;		/* TCT_RECORD_VERSION */
};

/* Who and where; common to all records of a socket. */
struct tct_record_id {
	__u64 time_ns;
	__u64 cookie;		/* SO_COOKIE, 0 while it has none; a mini-socket keeps its full one's */
	__u64 address;		/* of the kernel's object: tells apart those that have no cookie */
	__u32 netns;		/* inode of the network namespace */
	__u16 lport;		/* host order; 0 while not chosen */
	__u16 rport;		/* host order */
	__u8 laddr[16];		/* network order; IPv4 fills the first four bytes, the rest is 0 */
	__u8 raddr[16];
	__u8 family;		/* AF_INET or AF_INET6: the socket's own */
	__u8 pad[7];
};

#define TCT_SOCK_DEAD 0x01	/* SOCK_DEAD: orphaned, no process holds it */
#define TCT_SOCK_QUEUED 0x02	/* no struct socket yet: still in the accept queue */
#define TCT_SOCK_TASK 0x04	/* pid and comm are those of the task whose call this is */
#define TCT_SOCK_ABORTS 0x10	/* SO_LINGER with a time of 0: close() resets */
#define TCT_SOCK_SECOND 0x20	/* from the second program: may repeat an event of the first */
#define TCT_SOCK_PEER_SEEN 0x08	/* rcv_age_ns is meaningful */
#define TCT_SOCK_FIN 0x40	/* SOCK_DONE: the peer's FIN has been taken */
#define TCT_SOCK_BACKLOG 0x80	/* to FIN_WAIT2: by a segment that had to wait for a system call */

/* `traits` of a socket and of the task whose call it is. */
#define TCT_TRAIT_LINGER2 0x01	/* TCP_LINGER2 below 0: no FIN_WAIT2 without a holder */
#define TCT_TRAIT_REPAIR 0x02	/* TCP_REPAIR: its close sends nothing */
#define TCT_TRAIT_EXITING 0x04	/* the task is ending; `signal` is what ended it, 0 for exit() */

/* TCT_REC_STATE and TCT_REC_SOCK. */
struct tct_record_sock {
	struct tct_record_header h;
	__u8 from;		/* kernel state numbers, TCP_ESTABLISHED is 1 */
	__u8 to;
	__u8 flags;		/* TCT_SOCK_* */
	__u8 shutdown;		/* sk_shutdown: RCV_SHUTDOWN 1, SEND_SHUTDOWN 2 */
	struct tct_record_id id;
	__u32 pid;		/* tgid; 0 when the hook did not run in the caller's own context */
	__u32 err;		/* sk_err, a positive errno */
	char comm[TCT_COMM_LEN];
	__u32 snd_una;
	__u32 snd_nxt;
	__u32 write_seq;
	__u32 rcv_nxt;
	__u32 copied_seq;
	__u32 segs_in;
	__u32 segs_out;
	__u32 total_retrans;	/* segments sent again over the socket's whole life */
	__u64 bytes_acked;
	__u64 bytes_received;
	__u64 rcv_age_ns;	/* SOCK only: since tp->rcv_tstamp, floor of the age of CLOSE_WAIT */
	__u8 retransmits;	/* icsk_retransmits: unanswered ones of the segment in flight */
	__u8 probes;		/* icsk_probes_out: unanswered keepalive or window probes */
	__u8 traits;		/* TCT_TRAIT_* */
	__u8 signal;
	__u8 pad[4];
};

#define TCT_FOUND_TIMER 0x01	/* timer_ns is meaningful: the timer runs */
#define TCT_FOUND_KEPT 0x02	/* kept_ns is */
#define TCT_FOUND_DATA 0x04	/* data_age_ns is */
#define TCT_FOUND_LIMIT 0x08	/* limit is */
#define TCT_FOUND_AGE 0x10	/* age_ns is */
#define TCT_FOUND_CLAMPED 0x20	/* TCP_USER_TIMEOUT may shorten the timer */
#define TCT_FOUND_ULP 0x40	/* another layer reads (kTLS): copied_seq is not the program's */

/*
 * TCT_REC_FOUND, by the iterator: a full socket, or a request (NEW_SYN_RECV), which has no more of
 * `sock` than its identity, state and retransmits,
 * and TCT_SOCK_QUEUED where the handshake is done and only the listener keeps it from being a socket.
 */
struct tct_record_found {
	struct tct_record_sock sock;
	__u32 snd_wnd;		/* the peer's window, in bytes */
	__u8 known;		/* TCT_FOUND_* */
	__u8 limit;		/* after at most so many retransmits or probes it gives up */
	__u8 pad[2];
	__u64 rto_ns;		/* the present one, with its backoff */
	__u64 data_age_ns;	/* since data was sent, again too; FIN_WAIT2: came in */
	__u64 age_ns;		/* request: since its first SYN,ACK */
	__s64 timer_ns;		/* until the next retransmission or window probe */
	__s64 kept_ns;		/* orphan in FIN_WAIT2: until the kernel lets go of it */
};

#define TCT_STAY_PASSIVE 0x01	/* seen to come from a listener */
#define TCT_STAY_ACTIVE 0x02	/* seen to connect */

/* TCT_REC_STAYS. */
struct tct_record_stays {
	struct tct_record_found found;
	__u64 entered_ns;	/* 0: before us */
	__u32 flags;		/* TCT_STAY_* */
	__u32 pad;
};

/*
 * TCT_REC_STEP: what the mirror and the detectors need, in less than a cache line. Addresses and
 * numbers are read by the iterators when there is something to find. Its time is right to
 * TCT_STEP_SLACK_NS.
 */
#define TCT_STEP_SLACK_NS 10000000	/* one tick at HZ=100 */

struct tct_record_step {
	struct tct_record_header h;
	__u8 from;
	__u8 to;
	__u8 flags;
	__u8 family;
	__u64 time_ns;
	__u64 cookie;
	__u64 address;
	__u32 netns;
	__u16 lport;
	__u16 rport;
};

#define TCT_TW_SECOND 0x01	/* programs are being replaced: may repeat what the others sent */

/* TCT_REC_TW_START, TCT_REC_TW_REARM, TCT_REC_TW_SEGMENT, TCT_REC_TW_SOCK. */
struct tct_record_tw {
	struct tct_record_header h;
	__u8 substate;		/* tw_substate: TCP_TIME_WAIT 6 or TCP_FIN_WAIT2 5 */
	__u8 flags;		/* TCT_TW_* */
	__u8 pad[2];
	struct tct_record_id id;
	__s64 left_jiffies;	/* until the timer's own expiry; negative when overdue */
};

/* TCT_REC_TW_CANCEL, TCT_REC_TW_END: the reason is in the kernel stack (kernel-side order, innermost first). */
struct tct_record_tw_cancel {
	struct tct_record_tw tw;
	__u64 stack[TCT_STACK_DEPTH];	/* return addresses, 0 where there are fewer */
};

/* TCT_REC_RESET. */
struct tct_record_reset {
	struct tct_record_header h;
	__u8 state;		/* of the socket, TCP_* */
	__u8 pad[3];
	struct tct_record_id id;
	__u32 reason;		/* enum sk_rst_reason, as this kernel numbers it; ~0: it tells none */
	__u32 pad2;
};

/* TCT_REC_OWNER. */
struct tct_record_owner {
	struct tct_record_header h;
	__u32 pid;		/* tgid of the process */
	__u32 fd;
	__u32 netns;		/* as in tct_record_id, of the socket */
	__u64 cookie;
	__u64 address;
	char comm[TCT_COMM_LEN];	/* of its thread group leader */
};

#define TCT_PRESENT_MINI 0x01

/* TCT_REC_PRESENT: what an audit compares. A request (NEW_SYN_RECV) is told to be counted. */
struct tct_record_present {
	struct tct_record_header h;
	__u8 state;		/* TCP_*; of a mini-socket its substate */
	__u8 flags;		/* TCT_PRESENT_* */
	__u8 pad[2];
	__u64 time_ns;
	__u64 cookie;		/* as in tct_record_id */
	__u64 address;
	__u32 netns;
	__u32 pad2;
};

#define TCT_HOLDER_THREAD (~0U)

/* TCT_REC_HOLDER: how to get at a network namespace. */
struct tct_record_holder {
	struct tct_record_header h;
	__u32 pid;		/* tgid */
	__u32 tid;
	__u32 fd;		/* TCT_HOLDER_THREAD: it is in it; else a file that it has open */
	__u32 netns;		/* inode: of a socket's namespace, or of any that a file of nsfs is */
	__u32 mntns;		/* inode of its mount namespace; 0 with a file */
};

_Static_assert(sizeof(struct tct_record_header) == 4, "header");
_Static_assert(sizeof(struct tct_record_id) == 72, "identity");
_Static_assert(sizeof(struct tct_record_sock) == 168, "sock");
_Static_assert(sizeof(struct tct_record_found) == 216, "found");
_Static_assert(sizeof(struct tct_record_stays) == 232, "stays");
_Static_assert(sizeof(struct tct_record_step) == 40, "step");
_Static_assert(sizeof(struct tct_record_tw) == 88, "tw");
_Static_assert(sizeof(struct tct_record_tw_cancel) == 88 + 8 * TCT_STACK_DEPTH, "tw cancel");
_Static_assert(sizeof(struct tct_record_reset) == 88, "reset");
_Static_assert(sizeof(struct tct_record_owner) == 48, "owner");
_Static_assert(sizeof(struct tct_record_present) == 40, "present");
_Static_assert(sizeof(struct tct_record_holder) == 24, "holder");

/* One network namespace of all that the kernel has. */
struct tct_namespace {
	__u64 id;		/* never used again; 0: before 6.18 they have none */
	__u32 inode;		/* 0: none is meant */
	__u32 pad;
};

/* What a socket is asked for by: its cookie, or its address while it has none. */
struct tct_socket_key {
	__u64 cookie;
	__u64 address;
};

#define TCT_SHARDS_MAX 8

#define TCT_SLOT_PART 56

/*
 * A cache line of memory that programs and reader share, where there is no ring: a part of a
 * record, which takes as many in a row as it needs.
 */
struct tct_slot {
	__u64 end;	/* of this one, in bytes since the start, once its part is written */
	__u8 part[TCT_SLOT_PART];
};

#define TCT_SLOT_PARTS(size) (((size) + TCT_SLOT_PART - 1) / TCT_SLOT_PART)
#define TCT_SLOT_PARTS_MAX 4

/* Programs of ours that one CPU may be in at the same moment: one of each, interrupted or not. */
#define TCT_SLOT_WRITERS 8

/* Of the slots of one shard: both in bytes, and growing. A cache line for each side. */
struct tct_slot_ends {
	volatile __u64 produced;	/* taken by the programs */
	__u64 pad[7];
	volatile __u64 consumed;	/* read */
	__u64 pad2[7];
};

_Static_assert(sizeof(struct tct_slot) == 64, "a cache line");
_Static_assert(TCT_SLOT_PARTS(sizeof(struct tct_record_step)) == 1, "a transition, brief");
_Static_assert(TCT_SLOT_PARTS(sizeof(struct tct_record_sock)) == 3, "and full");
_Static_assert(TCT_SLOT_PARTS(sizeof(struct tct_record_tw_cancel)) == TCT_SLOT_PARTS_MAX,
	       "the longest");
_Static_assert(sizeof(struct tct_slot_ends) == 128, "two cache lines");

/*
 * The shard of a socket, and with it the ring. Cookies are small numbers, handed out in batches per
 * CPU: Fibonacci hashing spreads them. All that have none (0) are in the first.
 */
static inline __attribute__((always_inline)) __u32 tct_shard_of(__u64 cookie, __u32 shards)
{
	return (__u32)((cookie * 0x9E3779B97F4A7C15ull >> 32) * shards >> 32);
}

/* What the kernel side filters by; all zero lets everything through. Set before load. */
struct tct_filter {
	__u8 by_lport;		/* the lports bitmap decides */
	__u8 by_rport;
	__u8 family;		/* AF_INET, AF_INET6, or 0 for both */
	__u8 by_cgroup;
	__u32 netns;		/* inode, 0 for all */
	__u64 cgroup;		/* cgroup id (inode of its directory) */
	__u32 cgroup_level;	/* depth below the root, so that the subtree is one compare */
	__u32 pad;
};

/* What a CPU keeps, a cache line apart. At a quiet moment attempts are what was received and lost. */
struct tct_cpu {
	__u64 attempts;		/* records that were to be sent */
	__u64 lost_ring;	/* records that found the ring full */
	__u64 lost_held;	/* undecided first events that found no room to wait */
	volatile __u64 noted_sk;	/* what only the first set_state program has got so far */
	volatile __u32 noted_pair;
	__u32 pad2;
	__u64 counted;		/* summary: transitions of full sockets */
	__u64 stays;		/* summary: sockets that are kept, minus those let go of */
	__u64 unkept;		/* summary: sockets and mini-sockets that found no room */
};

_Static_assert(sizeof(struct tct_cpu) == 64, "a cache line");

/* What is counted while the stream is thinned: transitions by `from << TCT_PAIR_SHIFT | to`. */
#define TCT_PAIR_SHIFT 4
#define TCT_PAIRS (1 << (2 * TCT_PAIR_SHIFT))

struct tct_pair_counts {
	__u64 of[TCT_PAIRS];
};

/* --mode=summary: what the kernel side keeps of a socket that it does not tell. */
struct tct_stay {
	__u64 entered_ns;	/* into `to`; 0: not seen */
	__u8 from;		/* the last transition that was counted */
	__u8 to;
	__u8 flags;		/* TCT_STAY_* */
	__u8 pad;
	__u32 told;		/* the reader knows it, and gets its steps; else 0 */
};

/* The same of a mini-socket, by its cookie. */
struct tct_mini {
	__u64 entered_ns;	/* into `substate`; 0: not seen */
	__u32 substate;
	__u32 announced;	/* its full socket's end was counted as the hand-over that it is */
};

/* How long sockets were in a state, by what came next: user/core/histogram.h says of which cells. */
#define TCT_DWELL_BARS 16
#define TCT_DWELL_CELLS 2048
#define TCT_DWELLS 40		/* edges of TCP's state machine, at most */
#define TCT_DWELL_WRITERS 5	/* programs that may interrupt each other */

struct tct_dwell {
	__u64 unknown;		/* whose beginning was not seen */
	__u64 sum_ns;
	__u64 max_ns[TCT_DWELL_WRITERS];
	__u64 bars[TCT_DWELL_BARS];
	__u32 cells[TCT_DWELL_CELLS];
};

#endif
