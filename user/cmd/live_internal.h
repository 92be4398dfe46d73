/* SPDX-License-Identifier: GPL-2.0 */
/* What a live run holds, shared by its loop (live.c) and its readings (live_scan.c). */
#ifndef TCT_LIVE_INTERNAL_H
#define TCT_LIVE_INTERNAL_H

#include "../core/flood.h"
#include "../session/session.h"
#include "../source/loader.h"
#include "../source/ring.h"
#include "../source/snapshot.h"
#include "live.h"

#define TCT_ALL_STATES (~0u)

struct live {
	const struct tct_options *options;
	struct tct_loader *loader;
	struct tct_snapshot *snapshot;	/* NULL: this kernel has no iterators for us */
	struct tct_ring *ring;
	struct tct_pin *pin;		/* NULL: nothing is to stay */
	struct tct_journal_state before;	/* what the runs before had left, zero without any */
	struct tct_host host;
	struct tct_session session;
	/*
	 * Only findings are wanted: transitions come brief, and mini-sockets, about which there is
	 * no rule, are counted by the iterator when somebody asks. It costs the host half.
	 */
	bool brief;
	uint64_t losses[TCT_LOSS_PLACES];	/* as told last */
	uint64_t next_owners_ns;
	uint64_t next_losses_ns;
	uint64_t complete_ns;	/* all that was recorded until then has been read */
	struct tct_flood_watch flood;
	uint64_t flooded[TCT_STATES][TCT_STATES];	/* counted in floods that are over */
};

/* The one way into the session. As tct_session_apply(). */
int tct_live_tell(struct live *live, const struct tct_input *input);

/* A record of the ring or an iterator; `live` is a struct live. */
int tct_live_feed(void *live, const void *data, size_t len);

/* Sockets and their holders, into the tracker. 0, or a negative errno after one line. */
int tct_live_scan(struct live *live, uint32_t states);

/* Brief: how many mini-sockets the kernel has now. */
void tct_live_count_minis(struct live *live);

/* After a batch: thins the stream under a flood, makes it full again when that is over. */
void tct_live_see_flood(struct live *live, uint64_t now_ns);

/* The run is over, and with it the flood, if there is one. */
void tct_live_end_flood(struct live *live, uint64_t now_ns);

/* Whether some socket's owner is worth a look, and that look when its time has come. */
bool tct_live_wants_owners(const struct live *live);
void tct_live_look_for_owners(struct live *live, uint64_t now_ns);

/*
 * What is to outlive this run: live_pin.c. All do nothing without --pin. In order: before the hooks
 * are attached; when there is a session; when there is a ring; after what was told has been
 * written; and at the end.
 */
enum tct_exit tct_live_open_pin(struct live *live);
int tct_live_resume(struct live *live);
void tct_live_hold(struct live *live);
void tct_live_commit(struct live *live);
enum tct_exit tct_live_leave(struct live *live);

/* While reading iterators: ends the batch if it has become large. 0 or a negative errno. */
int tct_live_relieve(struct live *live);

#endif
