/* SPDX-License-Identifier: GPL-2.0 */
/* What shards.c and the handlers of the records share; one handler per tag. */
#ifndef TCT_TRACKER_INTERNAL_H
#define TCT_TRACKER_INTERNAL_H

#include "teardown.h"
#include "shards.h"

/* full sockets: track_sock.c */
void tct_tracker_on_state(struct tct_tracker *tracker, const struct tct_record_sock *rec);
void tct_tracker_on_step(struct tct_tracker *tracker, const struct tct_record_step *rec);

/* Into rec->to; whether the second program has sent what the first did, of a socket or of none. */
void tct_tracker_enter(struct tct_tracker *tracker, struct tct_socket *sock,
		       const struct tct_record_sock *rec);
bool tct_tracker_is_repeat(struct tct_tracker *tracker, const struct tct_socket *sock,
			   const struct tct_record_sock *rec);

/* A brief transition where others are not: of a flood, and counted where it happened. */
bool tct_tracker_is_thinned(const struct tct_tracker *tracker, const struct tct_record_sock *rec);

/*
 * track_child.c. Whether this was a child's first event that shows its listener; its next one tells
 * it with what that shows; the iterator was faster, and found the child itself by its cookie.
 */
bool tct_tracker_expect_child(struct tct_tracker *tracker, const struct tct_record_sock *rec);
void tct_tracker_tell_birth(struct tct_tracker *tracker, struct tct_socket *child,
			    const struct tct_record_sock *rec);
void tct_tracker_drop_expected(struct tct_tracker *tracker, const struct tct_socket *sock,
			       const struct tct_record_sock *rec);

/*
 * How they end: track_closing.c. A transition that is part of a closing: what is kept of it, NULL
 * when nothing is; and the last one of all, as it is told, `closing` from the former.
 */
struct tct_closing *tct_tracker_step_closing(struct tct_tracker *tracker, struct tct_socket *sock,
					     const struct tct_record_sock *rec, int64_t dwell_ns);
void tct_tracker_finish(struct tct_tracker *tracker, const struct tct_socket *sock,
			const struct tct_record_sock *rec, enum tct_state to,
			const struct tct_closing *closing);
void tct_tracker_settle(struct tct_tracker *tracker, uint64_t now_ns);
void tct_tracker_flush(struct tct_tracker *tracker);
void tct_tracker_on_reset(struct tct_tracker *tracker, const struct tct_record_reset *rec);

/* what the iterators find: track_found.c */
void tct_tracker_on_sock(struct tct_tracker *tracker, const struct tct_record_sock *rec);
void tct_tracker_on_found(struct tct_tracker *tracker, const struct tct_record_found *rec);
void tct_tracker_on_stays(struct tct_tracker *tracker, const struct tct_record_stays *rec);
void tct_tracker_on_owner(struct tct_tracker *tracker, const struct tct_record_owner *rec);

/* Adds what an iterator found: in its state since entered_ns or before. NULL: out of memory. */
struct tct_socket *tct_tracker_seed(struct tct_tracker *tracker, const struct tct_record_sock *rec,
				    uint64_t entered_ns);
struct tct_socket *tct_tracker_seed_mini(struct tct_tracker *tracker,
					 const struct tct_record_tw *rec);

/* As far as its own numbers prove it. */
uint64_t tct_tracker_entered_by(const struct tct_record_found *rec);

/* mini-sockets: track_tw.c */
void tct_tracker_on_tw_start(struct tct_tracker *tracker, const struct tct_record_tw *rec);
void tct_tracker_on_tw_rearm(struct tct_tracker *tracker, const struct tct_record_tw *rec);
void tct_tracker_on_tw_segment(struct tct_tracker *tracker, const struct tct_record_tw *rec);
void tct_tracker_on_tw_cancel(struct tct_tracker *tracker, const struct tct_record_tw_cancel *rec);
void tct_tracker_on_tw_end(struct tct_tracker *tracker, const struct tct_record_tw_cancel *rec);
void tct_tracker_on_tw_sock(struct tct_tracker *tracker, const struct tct_record_tw *rec);

/* It is in TIME_WAIT by now, since when is not known. */
void tct_tracker_fin_found(struct tct_tracker *tracker, struct tct_socket *mini, uint64_t now_ns);

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

/*
 * track_bound.c. A socket was added: when that is one too many, the least important is dropped,
 * which may be itself. Whether there is room for one more in this state.
 */
void tct_tracker_trim(struct tct_tracker *tracker, struct tct_socket *sock, uint64_t now_ns);
bool tct_tracker_has_room(const struct tct_tracker *tracker, enum tct_state state);

/* One that is there and not in the mirror, for lack of room. */
void tct_tracker_miss(struct tct_tracker *tracker);

/* shards_loss.c. What did not come may have been lost, or not told: nothing follows from it. */
bool tct_tracker_is_unsure(const struct tct_tracker *tracker);
enum tct_confidence tct_tracker_confidence(const struct tct_tracker *tracker,
					   const struct tct_socket *sock);

/* Of the next finding; 0 where the one that joins the shards gives it. */
uint32_t tct_shards_next_id(struct tct_shards *all);

/* Whether a transition is more than counted: the sink takes it, or it is illegal. */
bool tct_tracker_is_heard(const struct tct_tracker *tracker, enum tct_state from,
			  enum tct_state to);

/* Shared by all. */
void tct_tracker_tell(struct tct_tracker *tracker, struct tct_transition *ev);
void tct_tracker_tell_time_wait(struct tct_tracker *tracker, const struct tct_time_wait *ev);
void tct_tracker_tell_teardown(struct tct_tracker *tracker, struct tct_teardown *ev);
void tct_tracker_forget(struct tct_tracker *tracker, struct tct_socket *sock, uint64_t now_ns);
void tct_tracker_illegal(struct tct_tracker *tracker, const struct tct_transition *ev);

#endif
