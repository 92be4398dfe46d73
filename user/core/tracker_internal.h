/* SPDX-License-Identifier: GPL-2.0 */
/* One handler per record tag; only tracker.c calls these. */
#ifndef TCT_TRACKER_INTERNAL_H
#define TCT_TRACKER_INTERNAL_H

#include "teardown.h"
#include "tracker.h"

/* full sockets: track_sock.c */
void tct_tracker_on_state(struct tct_tracker *tracker, const struct tct_record_sock *rec);
void tct_tracker_on_step(struct tct_tracker *tracker, const struct tct_record_step *rec);

/*
 * How they end: track_closing.c. A transition that is part of a closing: what is kept of it, NULL
 * when nothing is; and the last one of all, `closing` from the former.
 */
struct tct_closing *tct_tracker_step_closing(struct tct_tracker *tracker, struct tct_socket *sock,
					     const struct tct_record_sock *rec, int64_t dwell_ns);
void tct_tracker_finish(struct tct_tracker *tracker, const struct tct_transition *transition,
			const struct tct_closing *closing, const struct tct_record_sock *rec);
void tct_tracker_on_reset(struct tct_tracker *tracker, const struct tct_record_reset *rec);

/* what the iterators find: track_found.c */
void tct_tracker_on_sock(struct tct_tracker *tracker, const struct tct_record_sock *rec);
void tct_tracker_on_found(struct tct_tracker *tracker, const struct tct_record_found *rec);
void tct_tracker_on_owner(struct tct_tracker *tracker, const struct tct_record_owner *rec);


/* mini-sockets: track_tw.c */
void tct_tracker_on_tw_start(struct tct_tracker *tracker, const struct tct_record_tw *rec);
void tct_tracker_on_tw_rearm(struct tct_tracker *tracker, const struct tct_record_tw *rec);
void tct_tracker_on_tw_segment(struct tct_tracker *tracker, const struct tct_record_tw *rec);
void tct_tracker_on_tw_cancel(struct tct_tracker *tracker, const struct tct_record_tw_cancel *rec);
void tct_tracker_on_tw_end(struct tct_tracker *tracker, const struct tct_record_tw_cancel *rec);
void tct_tracker_on_tw_sock(struct tct_tracker *tracker, const struct tct_record_tw *rec);

/*
 * The mini-socket that this full one, which closes, has handed over to; NULL when there is none.
 */
struct tct_socket *tct_tracker_mini_of(struct tct_tracker *tracker, const struct tct_socket *full,
				       const struct tct_record_id *id);

/* Full sockets: the mirrored one, NULL when there is none; a new one, NULL when out of memory,
 * which is told; which port is the service's. */
struct tct_socket *tct_tracker_find(struct tct_tracker *tracker, const struct tct_record_id *id);
struct tct_socket *tct_tracker_add(struct tct_tracker *tracker, const struct tct_record_id *id);
void tct_tracker_learn_side(struct tct_tracker *tracker, struct tct_socket *sock,
			    const struct tct_record_sock *rec);

/* Shared by all. */
void tct_tracker_tell(struct tct_tracker *tracker, struct tct_transition *ev);
void tct_tracker_tell_time_wait(struct tct_tracker *tracker, const struct tct_time_wait *ev);
void tct_tracker_tell_teardown(struct tct_tracker *tracker, struct tct_teardown *ev);
void tct_tracker_forget(struct tct_tracker *tracker, struct tct_socket *sock, uint64_t now_ns);
void tct_tracker_illegal(struct tct_tracker *tracker, const struct tct_transition *ev);

#endif
