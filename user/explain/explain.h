/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A story as a sequence diagram: rows of what went between two ends A and B, in order, and one
 * sentence. A, on the left, is who closed first. Nothing is drawn here.
 *
 * Sequence numbers are relative, as tcpdump and Wireshark show them: u is that of A's FIN, w that
 * of B's. What an unseen peer did is inferred where it follows from what was seen, else left out.
 */
#ifndef TCT_EXPLAIN_H
#define TCT_EXPLAIN_H

#include "../core/story.h"
#include "../sink/format.h"

#define TCT_EXPLAIN_TEXT 48
#define TCT_EXPLAIN_ROWS 24
#define TCT_EXPLAIN_SENTENCE 768

enum tct_arrow {
	TCT_ARROW_NONE,		/* a note, or states alone */
	TCT_ARROW_RIGHT,	/* A sends to B */
	TCT_ARROW_LEFT,
	TCT_ARROW_CROSS,	/* both send */
	TCT_ARROW_CROSSED	/* and what both sent arrives */
};

enum tct_fate { TCT_FATE_ARRIVES, TCT_FATE_LOST, TCT_FATE_UNKNOWN };

/* The state that an end enters with this row; TCT_NONE: it stays where it is. */
struct tct_explain_entry {
	enum tct_state state;
	uint64_t at_ns;		/* 0: not seen */
	int64_t after_ns;	/* in the state before; TCT_UNKNOWN */
};

struct tct_explain_row {
	enum tct_arrow arrow;
	enum tct_fate fate;
	char text[2][TCT_EXPLAIN_TEXT];	/* what A sends or what is noted of it; the same of B */
	struct tct_explain_entry entry[2];
	uint64_t key_ns;	/* orders the rows: no later than either end saw it */
};

/* What is known of one end's closing. Decided once: rows and words only phrase it. */
struct tct_explain_facts {
	/* NULL: it did not, or that is not known */
	const struct tct_story_step *fin;	/* queued its FIN */
	const struct tct_story_step *got_fin;	/* got the peer's */
	const struct tct_story_step *acked;	/* got the ACK of its own */
	const struct tct_story_step *broken;	/* entered CLOSE by neither, nor from TIME_WAIT */
	bool has_fin;		/* it sent one, as either end shows */
	bool unsent;		/* its FIN was still queued when it ended, behind other data */
	enum tct_fate fin_fate;
	int64_t fin_again;	/* how often it was sent again; 0: never, or not known */
	int64_t sent;		/* bytes before its FIN; TCT_UNKNOWN */
	bool timed_out;
	bool acks_lost;		/* it timed out, though the peer acknowledged its FIN */
	bool reset;		/* it broke off with a reset */
	enum tct_fate reset_fate;
	bool orphan;		/* ended in a FIN_WAIT2 mini-socket that nobody held */
	bool no_room;		/* its next mini-socket, time_wait.substate, was never created */
};

/* What B sent after A's FIN. */
struct tct_explain_late {
	int64_t bytes;		/* 0: none, or not known */
	enum tct_fate fate;
	int64_t again;		/* sent in vain so often again, at its end */
	uint64_t key_ns;
};

struct tct_explain {
	const struct tct_story_end *seen[2];	/* NULL: the peer, its states are inferred */
	const struct tct_story_end *ends[2];	/* the same, or what is inferred of the peer */
	struct tct_story_end peer;
	struct tct_explain_facts facts[2];
	struct tct_explain_late late;
	bool itself;		/* a socket that is connected to itself: B is A */
	bool half_close;	/* A closed its sending side only */
	bool mutual;		/* both sent a FIN before they had the other's */
	bool crossed;		/* and their FINs crossed */
	bool carried;		/* A learned by B's FIN that its own had arrived */
	bool merged;		/* since no ACK went before it */
	bool last_ack_again;	/* the last ACK was lost; the one of B's next FIN was not */
	struct tct_explain_row rows[TCT_EXPLAIN_ROWS];
	size_t count;
	bool inferred;		/* states of the one that was not seen are drawn */
	char sentence[TCT_EXPLAIN_SENTENCE];
};

void tct_explain_make(const struct tct_story *story, struct tct_explain *explain);

/* Where A (0) or B (1) is; `width` as in tct_format_endpoint(). */
void tct_explain_endpoint(const struct tct_explain *explain, int side, int width,
			  char out[TCT_ENDPOINT_LEN]);

/* "u = 141: A sent 140 bytes; w = ..."; empty when no FIN was sent. */
void tct_explain_legend(const struct tct_explain *explain, char *out, size_t size);

#endif
