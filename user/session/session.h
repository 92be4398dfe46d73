/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A run without its kernel: inputs in, what sinks print out. It has no clock and reads nothing: the
 * time is that of its inputs, so that a replay of them does the same.
 */
#ifndef TCT_SESSION_H
#define TCT_SESSION_H

#include "../core/shards.h"
#include "../sink/select.h"
#include "host.h"
#include "input.h"

#define TCT_SESSION_NEVER UINT64_MAX

struct tct_session;

/* What a command adds to a run. Any function may be NULL; `ctx` is that of all. */
struct tct_session_hooks {
	void (*interval)(void *ctx, uint64_t now_ns);	/* every interval_ns */
	/* after each batch; returns when to be called again without any event */
	uint64_t (*settle)(void *ctx, uint64_t now_ns);
	/* when what was there at the start is known */
	void (*seeded)(void *ctx, struct tct_session *session);
	const bool *enough;		/* ends the run once it is set */
	void *ctx;
};

struct tct_session_config {
	const struct tct_host *host;
	struct tct_stuck_config stuck;		/* its look-ups are `lookups` below */
	struct tct_lookups lookups;		/* live; in a replay the inputs have the answers */
	struct tct_select_config select;
	const struct tct_sink *sink;
	const struct tct_sink *messages;	/* for what is said on stderr when asked */
	bool detect;				/* findings */
	uint64_t interval_ns;			/* 0: none */
	struct tct_session_hooks hooks;
	void (*set_clock)(void *clock, uint64_t real_offset_ns);	/* NULL: nobody shows it */
	void *clock;
	/* Gets each input after it was applied; look-ups before the input that asked. */
	void (*tee)(void *ctx, const struct tct_input *input);
	void *tee_ctx;
};

struct tct_answer {
	struct tct_input input;
	bool given;
};

/* Answers that a replay has read, in the order in which the live run asked. */
struct tct_answers {
	struct tct_answer *list;
	size_t count;
	size_t room;
};

struct tct_session {
	struct tct_session_config config;
	struct tct_shards shards;
	struct tct_select select;
	struct tct_sink selected;
	struct tct_lookups lookups;
	struct tct_answers answers;
	uint32_t waited;		/* transitions, in the ring, for this run to begin */
	uint32_t minis[TCT_STATES];	/* brief: as counted last, by substate */
	uint32_t namespaces;		/* that were read at the start */
	uint64_t settles_ns;
	uint64_t next_interval_ns;
	bool audit_goes_on;		/* the last step of it: there is more to do */
	bool continued;			/* its mirror is that of a run before */
	bool wants_scan;		/* since the last batch */
	uint64_t attempts, received;	/* as told last */
	/* --mode=summary, as told last */
	bool tallied;
	bool paired;			/* `pairs` too */
	uint64_t tallied_received;
	uint64_t pairs[TCT_STATES][TCT_STATES];
	uint64_t flood_ns;		/* since when there is a flood, 0: there is none */
};

/* 0 or -ENOMEM. What config points to must outlive it. */
int tct_session_init(struct tct_session *session, const struct tct_session_config *config);
void tct_session_fini(struct tct_session *session);

/*
 * Returns the size of a record, 0 for other inputs, or a negative errno: -EBADMSG for bytes that
 * are none, -ENOMEM.
 */
int tct_session_apply(struct tct_session *session, const struct tct_input *input);

/*
 * A record of the ring of one shard; from several threads, each with its own shard. Nobody gets it
 * after: the caller has to, before the next input. As tct_session_apply().
 */
int tct_session_feed(struct tct_session *session, unsigned int shard, const void *data,
		     size_t len);

/*
 * The thresholds of the detector from now on, between two inputs: tct_stuck_set_thresholds(). They
 * are not told to the tee: a replay has those of its own command line.
 */
void tct_session_set_thresholds(struct tct_session *session,
				const uint64_t threshold_ns[TCT_STATES]);

/* When something is due without any event; TCT_SESSION_NEVER for never. */
uint64_t tct_session_deadline(const struct tct_session *session);

/* Whether the command has what it wanted. */
bool tct_session_has_enough(const struct tct_session *session);

#endif
