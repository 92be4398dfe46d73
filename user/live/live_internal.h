/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a live run holds, shared by its start, its loop (live.c), its readings (live_scan.c), audits,
 * floods, and what outlives it (live_pin.c).
 */
#ifndef TCT_LIVE_INTERNAL_H
#define TCT_LIVE_INTERNAL_H

#include "../core/flood.h"
#include "../session/session.h"
#include "../source/chunks.h"
#include "../source/loader.h"
#include "../source/ring.h"
#include "../source/survey.h"
#include "live.h"
#include "../record/flight.h"
#include "../record/sift.h"
#include "../cmd/recording.h"

#define TCT_ALL_STATES (~0u)

/* What a survey that is under way is for. */
enum tct_live_look {
	TCT_LOOK_NONE,
	TCT_LOOK_SCAN,		/* findings */
	TCT_LOOK_OWNERS,
	TCT_LOOK_MINIS,		/* the totals that somebody asked for; brief */
	TCT_LOOK_AUDIT,
	TCT_LOOK_STAYS,		/* --mode=summary: those that may soon be stuck */
};

/* How far an audit is; each step but those that read and wait is done in slices. */
enum live_audit_step {
	TCT_AUDIT_RESTS,
	TCT_AUDIT_READS,
	TCT_AUDIT_AWAITS,	/* the events of the time that was read */
	TCT_AUDIT_FEEDS,
	TCT_AUDIT_SWEEPS,
	TCT_AUDIT_WAITS,	/* a moment, before those that do not agree are read again */
	TCT_AUDIT_READS_AGAIN,
	TCT_AUDIT_AWAITS_AGAIN,
	TCT_AUDIT_FEEDS_AGAIN,
	TCT_AUDIT_SETTLES_ALL,
};

struct live_audit {
	enum live_audit_step step;
	bool asked;		/* by somebody: the next one begins at once */
	bool complete;		/* the reading: no namespace was left out */
	uint64_t next_ns;	/* by the clock */
	uint64_t wanted_from_ns;	/* not before, whatever speaks for it */
	uint64_t reading_ns;	/* that it took to read */
	struct tct_ring_mark read_to;	/* where the rings were when the present reading was over */
	struct tct_chunks records;	/* read, and not compared yet */
};

struct live {
	const struct tct_options *options;
	struct tct_loader *loader;
	struct tct_survey *survey;	/* NULL: this kernel has no iterators for us */
	enum tct_live_look look;
	struct tct_chunks backlog;	/* events that came before all that was there was known */
	bool seeding;
	bool began;		/* all that was there is known */
	struct tct_ring *ring;
	struct tct_pin *pin;		/* NULL: nothing is to stay */
	struct tct_journal_state before;	/* what the runs before had left, zero without any */
	struct tct_ring_mark whole;	/* from there in the rings all hooks were attached */
	struct tct_chunks tees[TCT_SHARDS_MAX];	/* read side by side, for the session's tee */
	uint64_t printed;		/* where the ring was when the output was flushed last */
	uint64_t committed;		/* ... and when a batch was ended */
	uint64_t committed_ns;
	struct tct_host host;
	struct tct_session session;
	struct tct_recorder recorder;	/* --record */
	struct tct_flight flight;	/* --flight */
	/*
	 * Only findings are wanted: transitions come brief, and mini-sockets, about which there is
	 * no rule, are counted by the iterator when somebody asks. It costs the host half.
	 */
	bool brief;
	uint64_t losses[TCT_LOSS_PLACES];	/* as told last */
	uint64_t next_owners_ns;
	uint64_t next_losses_ns;
	uint64_t real_offset_ns;	/* as told last */
	uint64_t complete_ns;	/* all that was recorded until then has been read */
	struct live_audit audit;
	bool audits;		/* the run ends with one */
	bool asked;		/* ... which has been asked for */
	bool summary;		/* --mode=summary */
	bool tallies;		/* ... and all is counted: not for hist time-wait */
	struct {
		uint32_t epoch;		/* what has been told in an older one is told again */
		uint64_t next_ns;	/* reading; UINT64_MAX: none */
		uint64_t took_ns;	/* the last one */
	} stays;
	struct tct_flood_watch flood;
	uint64_t flooded[TCT_STATES][TCT_STATES];	/* counted in floods that are over */
};

/* Attaches and opens the session; `stop_fd` ends a wait. Logs one line when it fails. */
enum tct_exit tct_live_start(struct live *live, const struct tct_run_config *run, int stop_fd);

/* The one way into the session. As tct_session_apply(). */
int tct_live_tell(struct live *live, const struct tct_input *input);

/*
 * A record of the ring, for the session; `live` is a struct live. While sockets that were there
 * before are read it waits, and what came later waits behind it. From several threads, each with its
 * own shard, where tct_live_drain() says so.
 */
int tct_live_on_event(void *live, unsigned int shard, const void *data, size_t len);
void tct_live_foresee(void *live, unsigned int shard, const void *data, size_t len);

/* What the ring has, and some of what waits. How much that was, or a negative errno. */
int tct_live_drain(struct live *live);

/* Some of what waits, unless it still has to: the number of records or a negative errno. */
int tct_live_catch_up(struct live *live);

/*
 * All sockets that are there and their holders. Attach first, then read what is there, then apply
 * what happened since: no socket is missed, and an event that the iterator's read already includes
 * is recognised by its time. A signal ends it: then the run has not begun.
 */
enum tct_exit tct_live_seed(struct live *live);

/* Starts to read what findings are made of; does nothing while something else is read. */
void tct_live_scan(struct live *live);

/*
 * Whether a scan that takes long is wanted so soon that what is not urgent is not to be read now:
 * a finding would be late.
 */
bool tct_live_gives_way(const struct live *live, uint64_t now_ns);

/* Takes some of what is being read, and acts on the whole when it is complete. */
void tct_live_take(struct live *live);

/* Starts a survey. 0 or a negative errno. */
int tct_live_look_at(struct live *live, enum tct_live_look what, const struct tct_survey_job *job);

/* Tells which namespaces the last survey has read, as inputs of this kind. */
void tct_live_tell_namespaces(struct live *live, enum tct_input_kind kind);

/* Tells what was lost; what the hooks skipped, a system call a program, once a second or at once. */
void tct_live_tell_losses(struct live *live, uint64_t now_ns, bool at_once);

/* After a batch: the next step of an audit, or whether it is time for one. */
void tct_live_audit(struct live *live, uint64_t now_ns);
uint64_t tct_live_audit_deadline(const struct live *live);

/* What is read for an audit is kept until the events have come as far; then the reading is over. */
int tct_live_audit_keep(void *live, const void *data, size_t len);
void tct_live_audit_has_read(struct live *live, int err);

/* Tells the totals so far, once the mini-sockets have been counted. */
void tct_live_ask(struct live *live);

/* After a batch: thins the stream under a flood, makes it full again when that is over. */
void tct_live_see_flood(struct live *live, uint64_t now_ns);

/* The run is over, and with it the flood, if there is one. */
void tct_live_end_flood(struct live *live, uint64_t now_ns);

/* Whether some socket's owner is worth a look, and that look when its time has come. */
bool tct_live_wants_owners(const struct live *live);
void tct_live_look_for_owners(struct live *live, uint64_t now_ns);

/* The last looks, at the end of all events: who holds what waits for its owner; the totals. */
void tct_live_look_last(struct live *live);

/*
 * What is to outlive this run: live_pin.c. All do nothing without --pin. In order: before the hooks
 * are attached; when there is a session; when there is a ring; when all that was there is read,
 * before that is told; before more is read; and at the end.
 */
enum tct_exit tct_live_open_pin(struct live *live);
int tct_live_resume(struct live *live);
void tct_live_hold(struct live *live);
void tct_live_begin(struct live *live);
void tct_live_commit(struct live *live);
uint64_t tct_live_commit_deadline(const struct live *live);
void tct_live_drain_last(struct live *live);
enum tct_exit tct_live_leave(struct live *live);

/*
 * --mode=summary, live_summary.c: what the options ask for; whether this kernel has it; what is to
 * be read; a reading's beginning and end; what found no room to be kept; what was counted, at the end, when somebody asks, or when
 * it is to be printed.
 */
void tct_live_choose_mode(struct live *live, const struct tct_run_config *run);
enum tct_exit tct_live_check_mode(const struct tct_options *options);
void tct_live_stays_job(const struct live *live, struct tct_survey_job *job);
void tct_live_look_for_stays(struct live *live, uint64_t now_ns);
void tct_live_rest_from_stays(struct live *live, int err);
uint64_t tct_live_stays_deadline(const struct live *live);
uint64_t tct_live_unkept(const struct live *live);
void tct_live_tell_tally(struct live *live, uint64_t now_ns);
void tct_live_tell_interval(struct live *live, uint64_t now_ns);

/* Before each record: ends the batch if it has become large. 0 or a negative errno. */
int tct_live_relieve(struct live *live);

#endif
