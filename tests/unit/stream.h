/* SPDX-License-Identifier: GPL-2.0 */
/* A core of one shard, fed by hand: synthetic records in, the recorder's lines out. */
#ifndef STREAM_H
#define STREAM_H

#include "../../user/core/shards.h"
#include "recorder.h"

struct stream {
	struct tct_shards shards;
	struct tct_sink sink;
	struct recorder recorder;
};

/* NULL for the defaults. Every end symbol gets an address of its own. */
struct stream *stream_new(const struct tct_tracker_config *config);
void stream_free(struct stream *stream);

/* cmocka fixtures: `*state` is a stream with the defaults. */
int stream_setup(void **state);
int stream_teardown(void **state);

/* Joins the shards; the lines of all events since the last call. */
const char *stream_take(struct stream *stream);

#define stream_expect(stream, lines) assert_string_equal(stream_take(stream), lines)

/* 10.0.0.1:40000 to 10.0.0.2:80, in namespace 1, nobody's. */
struct tct_record_sock stream_state(uint64_t cookie, enum tct_state from, enum tct_state to,
				    uint64_t time_ns);
struct tct_record_sock stream_sock(uint64_t cookie, enum tct_state state, uint64_t time_ns);
/* The same in a state that may last too long; an open window, nothing on its way, all read. */
struct tct_record_found stream_found(uint64_t cookie, enum tct_state state, uint64_t time_ns);
struct tct_record_tw stream_tw(enum tct_record_tag tag, uint64_t cookie, enum tct_state substate,
			       uint64_t time_ns);

/* The same transition, brief. */
struct tct_record_step stream_step(uint64_t cookie, enum tct_state from, enum tct_state to,
				   uint64_t time_ns);

/* Cancelled below this kernel function; NULL for an empty stack. */
struct tct_record_tw_cancel stream_cancel(uint64_t cookie, enum tct_state substate,
					  uint64_t time_ns, const char *symbol);
struct tct_record_owner stream_owner(uint64_t cookie, uint32_t pid, uint32_t fd,
				     const char *comm);

/* The system call was made by this task. */
void stream_by(struct tct_record_sock *rec, uint32_t pid, const char *comm);

/* Any record, a batch of its own; it must be taken whole. */
void stream_feed(struct stream *stream, const void *rec);

/* stream_state() and stream_feed() in one. */
void stream_move(struct stream *stream, uint64_t cookie, enum tct_state from, enum tct_state to,
		 uint64_t time_ns);

/* A full socket as the iterator found it. */
void stream_seed(struct stream *stream, uint64_t cookie, enum tct_state state, uint64_t time_ns);

/* Connected by curl[42] at 100, established at 110. */
void stream_connect_at_100(struct stream *stream, uint64_t cookie);

/* Closed by us at 200, in FIN_WAIT2 at 210. */
void stream_close_at_200(struct stream *stream, uint64_t cookie);

/* A mini-socket's timer at `time_ns`, its full socket closed one ns later. */
void stream_hand_over(struct stream *stream, uint64_t cookie, enum tct_state substate,
		      uint64_t time_ns);

/* A mini-socket's timer is started; is stopped below `symbol`, as in stream_cancel(). */
void stream_start(struct stream *stream, uint64_t cookie, enum tct_state substate,
		  uint64_t time_ns);
void stream_end(struct stream *stream, uint64_t cookie, enum tct_state substate, uint64_t time_ns,
		const char *symbol);

/* ESTABLISHED at 110, then at 210 FIN_WAIT2 from FIN_WAIT1. */
void stream_mismatch(struct stream *stream, uint64_t cookie);

/* Nothing is left: no socket, no owner, no closing. */
void stream_expect_empty(const struct stream *stream);

/* One scan without a duration, which finds these descriptors. */
void stream_scan(struct stream *stream, uint64_t time_ns, const struct tct_record_owner *owners,
		 size_t count);

/* An address inside a function that tells an end reason, and such a table. */
uint64_t stream_frame(const char *symbol);
void stream_symbols(struct tct_end_symbol *symbols);

#endif
