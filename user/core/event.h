/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core tells its sinks: plain values, complete in themselves, valid only during the
 * call. Times are CLOCK_MONOTONIC ns; TCT_UNKNOWN stands for whatever was not observed.
 */
#ifndef TCT_EVENT_H
#define TCT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../../bpf/record.h"
#include "end.h"
#include "fsm.h"

#define TCT_UNKNOWN INT64_MIN

struct tct_tuple {
	uint8_t family;		/* AF_INET or AF_INET6: the socket's, as ss shows it */
	uint16_t lport;
	uint16_t rport;
	uint8_t laddr[16];
	uint8_t raddr[16];
};

enum tct_owner_source {
	TCT_OWNER_NONE,
	TCT_OWNER_CONNECT,
	TCT_OWNER_LISTEN,
	TCT_OWNER_CLOSE,	/* the task that closed it or shut it down */
	TCT_OWNER_ITER,
	TCT_OWNER_SOURCES
};

const char *tct_owner_source_name(enum tct_owner_source source);

struct tct_task {
	uint32_t pid;		/* 0: unknown */
	enum tct_owner_source source;
	char comm[TCT_COMM_LEN];
};

/* What stands for a socket that has no cookie: its address, with this bit, which no cookie has. */
#define TCT_KEY_ADDRESS (1ull << 63)
#define TCT_KEY_IS_ADDRESS(key) (((key) & TCT_KEY_ADDRESS) != 0)

/* What every event about one socket carries. */
struct tct_subject {
	uint64_t cookie;	/* or its address: TCT_KEY_IS_ADDRESS() */
	uint32_t netns;
	struct tct_tuple tuple;
	struct tct_task task;
};

#define TCT_RCV_SHUTDOWN 1	/* sk_shutdown */
#define TCT_SEND_SHUTDOWN 2
#define TCT_SHUTDOWN_MASK 3

/* The socket's own numbers just before a transition; sequence numbers as the kernel has them. */
struct tct_numbers {
	uint32_t snd_una;
	uint32_t snd_nxt;
	uint32_t write_seq;	/* entering FIN_WAIT1 or LAST_ACK: our FIN's */
	uint32_t rcv_nxt;	/* entering CLOSE_WAIT or CLOSING: one past the peer's FIN */
	uint32_t copied_seq;
	uint32_t segs_in;
	uint32_t segs_out;
	uint64_t bytes_acked;	/* of an end that connected with its SYN; with its FIN */
	uint64_t bytes_received;	/* with the peer's FIN, without its SYN */
	uint32_t total_retrans;
	uint32_t err;		/* sk_err, a positive errno */
	uint8_t shutdown;	/* TCT_*_SHUTDOWN */
};

struct tct_transition {
	uint64_t mono_ns;
	struct tct_subject who;
	enum tct_state from;
	enum tct_state to;
	int64_t dwell_ns;	/* in `from`; TCT_UNKNOWN when its entry was not seen */
	bool legal;
	bool counted;		/* `numbers` are known; not of a mini-socket, nor where -e left them out */
	struct tct_numbers numbers;
};

struct tct_time_wait {
	uint64_t mono_ns;
	struct tct_subject who;
	enum tct_state substate;
	int64_t duration_ns;	/* in that substate */
	int64_t life_ns;	/* of the mini-socket so far, both substates together */
	enum tct_end end;
	uint32_t rearmed;
};

enum tct_kind {
	TCT_KIND_ORDERLY,
	TCT_KIND_ORDERLY_MERGED,
	TCT_KIND_SIMULTANEOUS,
	TCT_KIND_RESET_SENT,
	TCT_KIND_RESET_RECEIVED,
	TCT_KIND_ABORT_UNREAD,
	TCT_KIND_ABORT_LINGER,
	TCT_KIND_TIMEOUT,
	TCT_KIND_REFUSED,
	TCT_KIND_NEVER_OPENED,
	TCT_KIND_UNREACHABLE,	/* an ICMP error ended the connect */
	TCT_KIND_DISCONNECTED,
	TCT_KIND_REPAIR,	/* closed in TCP_REPAIR mode: nothing was sent */
	TCT_KIND_DESTROYED,
	TCT_KIND_REAPED,
	TCT_KIND_UNKNOWN,
	TCT_KINDS
};

enum tct_closer { TCT_CLOSER_NONE, TCT_CLOSER_LOCAL, TCT_CLOSER_REMOTE, TCT_CLOSER_BOTH };

/* What became of the process whose close() it was. */
enum tct_process { TCT_PROCESS_UNKNOWN, TCT_PROCESS_RUNS, TCT_PROCESS_EXITED, TCT_PROCESS_KILLED };

const char *tct_process_name(enum tct_process process);
const char *tct_kind_name(enum tct_kind kind);
const char *tct_closer_name(enum tct_closer closer);

struct tct_teardown {
	uint64_t mono_ns;
	struct tct_subject who;
	enum tct_kind kind;
	enum tct_closer closer;
	int64_t dwell_ns[TCT_STATES];
	int64_t fin_retransmits;
	int64_t half_close_ns;
	int64_t bytes_after_fin;
	int64_t retransmits;	/* unanswered ones of the last segment, when it ended */
	int64_t probes;		/* unanswered keepalive or window probes, when it ended */
	int64_t unread_bytes;	/* thrown away at an abort */
	int64_t last_ack_lost;	/* 1: our FIN reached a peer in TIME_WAIT again; 0: it had to be
				 * sent once only */
	enum tct_process process;
	uint8_t signal;		/* that killed it */
	const char *reset_reason;	/* of the last reset that was sent, NULL: none seen */
};

enum tct_severity { TCT_INFO, TCT_WARNING, TCT_CRITICAL };
enum tct_status { TCT_OPEN, TCT_UPDATE, TCT_RESOLVED };
enum tct_confidence { TCT_EXACT, TCT_REPAIRED, TCT_DEGRADED };

const char *tct_severity_name(enum tct_severity severity);
const char *tct_status_name(enum tct_status status);
const char *tct_confidence_name(enum tct_confidence confidence);

/* Why a socket lingers. */
enum tct_verdict {
	TCT_VERDICT_NONE,
	TCT_EOF_READ_NOT_CLOSED,
	TCT_EOF_NOT_READ,
	TCT_UNREAD_DATA,
	TCT_NOT_ACCEPTED,
	TCT_STILL_SENDING,	/* a working half-close, not a leak */
	TCT_HELD_BY_CHILD,	/* a forked child or one that was passed it has the only descriptor */
	TCT_HELD,		/* FIN_WAIT2: a process keeps it after shutdown() */
	TCT_ORPHANED,		/* FIN_WAIT2: only the kernel keeps it */
	TCT_ZERO_WINDOW,	/* what is to be sent waits for the peer to read */
	TCT_NOT_ACKNOWLEDGED,	/* what was sent is not answered */
	TCT_STILL_RECEIVING,	/* FIN_WAIT2: a working half-close */
	TCT_VERDICTS
};

const char *tct_verdict_name(enum tct_verdict verdict);

/* One process that holds sockets of a finding. */
struct tct_holder {
	uint32_t pid;
	uint32_t fd;		/* of the oldest of them */
	uint32_t count;
	char comm[TCT_COMM_LEN];
	const char *cgroup;	/* NULL when not looked up */
	const char *fds;	/* "5-9904,9910": ranges of all its descriptors here */
};

/*
 * Why the sockets of a finding linger, as the scan found them; TCT_UNKNOWN for what it did not.
 */
struct tct_lingering {
	int64_t unacked_bytes;	/* data of all sockets together, SYN and FIN not counted */
	int64_t zero_window;	/* sockets that wait for the peer's window */
	int64_t orphans;	/* sockets that no process holds */
	int64_t retransmits;	/* unanswered, of the socket that has the most */
	int64_t probes;		/* window probes, likewise */
	int64_t limit;		/* of those: after at most so many the kernel gives up */
	int64_t next_ns;	/* until the next retransmission or probe of any */
	int64_t kept_ns;	/* orphans in FIN_WAIT2: until the last of them is gone */
};

/* How fast the sockets of a finding become more, and what that does to the process. */
struct tct_outlook {
	double growth_per_s;	/* 0: they do not; negative: not known */
	int64_t fd_limit;	/* RLIMIT_NOFILE of the process that holds most of them */
	int64_t fd_open;	/* descriptors that it has */
	int64_t eta_ns;		/* until it can open none */
};

struct tct_finding {
	uint64_t mono_ns;
	uint32_t id;
	const char *rule;
	enum tct_severity severity;
	enum tct_status status;
	enum tct_state state;
	enum tct_state to;		/* illegal-transition only; else equal to state */
	enum tct_verdict verdict;	/* the most frequent one */
	uint32_t verdicts[TCT_VERDICTS];
	uint64_t unread_bytes;
	uint32_t count;
	int64_t oldest_ns;		/* age of the oldest, TCT_UNKNOWN when not known */
	bool at_least;			/* oldest_ns is a lower bound */
	uint64_t first_mono_ns;		/* when it opened */
	uint32_t netns;
	uint16_t port;			/* the service's: local when it listens, else remote */
	bool port_is_local;
	const struct tct_subject *socket;	/* set for a single socket, else NULL */
	const struct tct_holder *holders;
	size_t holder_count;
	const struct tct_lingering *why;	/* NULL when nobody looked */
	const struct tct_outlook *outlook;	/* CLOSE_WAIT; NULL when nobody looked */
	enum tct_confidence confidence;
	const char *advice;
};

struct tct_ready {
	uint64_t mono_ns;
	const char *set_state;		/* the providers */
	const char *time_wait;
	const char *time_wait_end;
	const char *reset;
	const char *kernel;
	uint32_t mirrored;
	uint32_t by_state[TCT_STATES];
	uint32_t requests;		/* NEW_SYN_RECV: counted, not mirrored */
	uint32_t namespaces;		/* network namespaces that were read; 0: none could be */
	uint32_t waited;		/* continued: transitions that waited in the ring */
	uint64_t transitions_total;	/* received until now: continued, by all runs before */
	bool continued;			/* took over the hooks and the mirror of a run before (--pin) */
};

enum tct_drift { TCT_DRIFT_MISSING, TCT_DRIFT_GHOST, TCT_DRIFT_STATE, TCT_DRIFTS };

const char *tct_drift_name(enum tct_drift drift);

/* One socket that mirror and kernel do not agree on, looked at twice; repaired when this is told. */
struct tct_difference {
	uint64_t mono_ns;
	enum tct_drift drift;
	struct tct_subject who;
	enum tct_state mirror;		/* its state there, TCT_NONE: not in it */
	enum tct_state kernel;		/* likewise */
};

/* Kernel and mirror compared. */
struct tct_audit {
	uint64_t mono_ns;
	bool asked;			/* by a command or a signal, not by the clock */
	bool complete;			/* false: some namespace could not be read */
	uint64_t duration_ns;		/* from its beginning until the last difference was settled */
	uint32_t kernel;		/* sockets read */
	uint32_t mirrored;		/* sockets in the mirror, after repair */
	uint32_t requests;		/* NEW_SYN_RECV, which are counted only */
	uint32_t namespaces;
	uint32_t drift[TCT_DRIFTS];	/* by which mirror and kernel differed */
	uint32_t races;			/* that were gone when read again */
	uint32_t seeded;		/* of namespaces that nobody had read before: no drift */
	uint32_t beyond;		/* not mirrored: over its bound */
};

/* Events come faster than they can be told: transitions are only counted, by the kernel side. */
struct tct_flood {
	uint64_t mono_ns;
	bool over;
	uint64_t duration_ns;		/* over: how long it was */
	uint64_t transitions;		/* over: how many were counted */
	const uint64_t (*counts)[TCT_STATES];	/* over: [from][to] */
};

enum tct_loss_where { TCT_LOSS_RING, TCT_LOSS_HOOK, TCT_LOSS_MIRROR, TCT_LOSS_SINK, TCT_LOSS_PLACES };

const char *tct_loss_where_name(enum tct_loss_where where);

struct tct_loss {
	uint64_t mono_ns;
	enum tct_loss_where where;
	uint64_t count;		/* since the start */
};

struct tct_summary {
	uint64_t mono_ns;
	uint64_t events;
	uint64_t attempts;	/* records that the kernel side was to send: */
	uint64_t transitions_total;	/* of full sockets, received by this run and those it continues */
	uint64_t received;	/* ... the others are the ring's losses */
	uint64_t lost;		/* all places together */
	uint64_t losses[TCT_LOSS_PLACES];
	uint64_t repaired;
	uint64_t illegal;
	uint64_t gaps;
	uint64_t findings;
	uint64_t teardowns[TCT_KINDS];
	bool counted;		/* --mode=summary: nothing is known of teardowns */
	const uint64_t (*pairs)[TCT_STATES];	/* ... but of this, [from][to]; NULL if not either */
	uint32_t mirrored;
	uint32_t shards;	/* of the mirror */
	uint64_t duration_ns;
};

struct tct_tally;

/*
 * A receiver of events. Any call may be NULL. The core owns what it passes; a sink that keeps
 * anything copies it.
 */
struct tct_sink {
	void *ctx;
	void (*ready)(void *ctx, const struct tct_ready *ev);
	void (*transition)(void *ctx, const struct tct_transition *ev);
	void (*time_wait)(void *ctx, const struct tct_time_wait *ev);
	void (*teardown)(void *ctx, const struct tct_teardown *ev);
	void (*finding)(void *ctx, const struct tct_finding *ev);
	void (*loss)(void *ctx, const struct tct_loss *ev);
	void (*difference)(void *ctx, const struct tct_difference *ev);
	void (*audit)(void *ctx, const struct tct_audit *ev);
	void (*flood)(void *ctx, const struct tct_flood *ev);
	void (*tally)(void *ctx, const struct tct_tally *tally);	/* tally.h; all since the start */
	void (*summary)(void *ctx, const struct tct_summary *ev);
};

#endif
