/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hooks: chosen, filtered, loaded, attached, and gone with the process, unless they are pinned.
 */
#ifndef TCT_LOADER_H
#define TCT_LOADER_H

#include <stdbool.h>
#include <stdint.h>
#include "../core/cost.h"
#include "../core/tally.h"
#include "../exit.h"
#include "choice.h"
#include "filter.h"
#include "pin.h"
#include "slots.h"

struct tct_loader;

/* What the kernel side has counted. */
struct tct_loader_counts {
	uint64_t attempts;
	uint64_t lost_ring;
	uint64_t lost_hook;
};

struct tct_loader_config {
	const struct tct_filter_config *filter;
	const char *btf;		/* a file with the kernel's types, NULL: its own */
	uint64_t tw_timer_handler;	/* its address; 0 while unknown: no mini-socket by its timer */
	enum tct_provider only;		/* TCT_AUTO: the first that works */
	uint32_t ring_bytes;		/* a power of two, whole pages; of all rings together */
	uint32_t shards;		/* rings; 1 where this kernel cannot keep sockets apart */
	/*
	 * Only findings are wanted, so transitions are sent brief, and mini-sockets, which nothing
	 * can be found about, are not watched.
	 */
	bool brief;
	/* --mode=summary: what is counted instead of told */
	bool summary;		/* transitions; the ring gets what the iterator has told */
	uint32_t max_sockets;	/* to keep there; 0: a million */
	bool tallies;		/* ... and mini-sockets, and how long all stay */
	struct tct_pin *pin;	/* NULL: nothing is to stay */
};

/*
 * Loads and attaches. A provider that the kernel refuses gives way to the next. On success `*out`
 * is the caller's; else one line has been logged and the exit code tells why (privilege, kernel,
 * failure).
 */
enum tct_exit tct_loader_attach(struct tct_loader **out, const struct tct_loader_config *config);

/* No event comes after this, unless they are pinned; what is in the ring stays. */
void tct_loader_detach(struct tct_loader *loader);
void tct_loader_free(struct tct_loader *loader);

/* What tells each event, and why not the others as far as they were tried. */
const struct tct_choice *tct_loader_choice(const struct tct_loader *loader);

/*
 * Tries every provider of every point on its own, for `check`: afterwards `choice` has the one to
 * use, and for each of the others why not, or "" where it would work too. 0, or a negative errno
 * when not even the programs could be opened.
 */
int tct_loader_try_all(const struct tct_loader_config *config, struct tct_choice *choice);

/* Whether events and iterators ask the kernel to make cookies: both or none. */
bool tct_loader_makes_cookies(const struct tct_loader *loader);

/* Stands for the layout of what programs of two versions would share. 0: not to be known. */
uint64_t tct_loader_layout(void);

/* How many rings there are; each of them. */
uint32_t tct_loader_shards(const struct tct_loader *loader);
int tct_loader_ring_fd(const struct tct_loader *loader, unsigned int number);

/* What is used in their place, if it is: then the first ring does no more than wake. */
struct tct_slots tct_loader_slots(const struct tct_loader *loader);

/* Shared with the kernel side: see emit.bpf.h. */
volatile uint32_t *tct_loader_asleep_flag(struct tct_loader *loader);

/* Whether segments that reach mini-sockets are told. */
bool tct_loader_sees_segments(const struct tct_loader *loader);

/*
 * Records that were to be sent, and those of them that found no room: all CPUs, since the start,
 * plain memory, no system call. At a quiet moment all others are in the ring or have been read.
 */
uint64_t tct_loader_attempts(const struct tct_loader *loader);
uint64_t tct_loader_lost_ring(const struct tct_loader *loader);

/*
 * Thins the stream under a flood, until told otherwise: transitions come brief (TCT_REC_STEP) and
 * are counted in the kernel, mini-sockets and resets do not come. What is in the ring already is
 * as it was sent.
 */
void tct_loader_thin(struct tct_loader *loader, bool thin);

/* Transitions counted while thin, since the start, by [from][to]. 0 or a negative errno. */
int tct_loader_thin_counts(const struct tct_loader *loader,
			   uint64_t counts[TCT_STATES][TCT_STATES]);

/* All that was counted since the start, in summary mode. 0 or a negative errno. */
int tct_loader_tally(const struct tct_loader *loader, struct tct_tally *out);

/*
 * Now and then: whether what is kept of gone sockets is to be let go of, for lack of room; the
 * iterator has made so many. What found none.
 */
void tct_loader_see_room(struct tct_loader *loader, uint64_t made);
uint64_t tct_loader_unkept(const struct tct_loader *loader);

/* What is kept of each socket and mini-socket, for the iterator; negative in another mode. */
int tct_loader_stays_fd(const struct tct_loader *loader);
int tct_loader_minis_fd(const struct tct_loader *loader);

/* Runs that went before had their share of what is pinned: counts begin there. */
void tct_loader_count_from(struct tct_loader *loader, const struct tct_loader_counts *before);

/* Whether these are the very programs of the run before: else they have skipped nothing yet. */
bool tct_loader_continues(const struct tct_loader *loader);

/* Whether these are other settings than those of the run before, whose mirror they may not fit. */
bool tct_loader_has_changed(const struct tct_loader *loader);

/* Now and then: when programs have been replaced, that is over some time after. */
void tct_loader_settle(struct tct_loader *loader, uint64_t now_ns);

/* Hook runs that the kernel skipped because the same program was running on that CPU. */
uint64_t tct_loader_lost_hook(const struct tct_loader *loader);

/*
 * What each attached program has cost, while the kernel keeps such statistics
 * (kernel.bpf_stats_enabled, or tct_stats_hold()). How many there are, at most `max`.
 */
size_t tct_loader_costs(const struct tct_loader *loader, struct tct_cost *out, size_t max);

#endif
