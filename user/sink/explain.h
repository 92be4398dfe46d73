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
#include "format.h"

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

enum tct_fate { TCT_FATE_ARRIVES, TCT_FATE_LOST, TCT_FATE_UNANSWERED };

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

struct tct_explain {
	const struct tct_story_end *seen[2];	/* NULL: the peer, its states are inferred */
	const struct tct_story_end *ends[2];	/* the same, or what is inferred of the peer */
	struct tct_story_end peer;
	bool has_fin[2];
	int64_t sent[2];	/* bytes before its FIN, modulo 2^32; TCT_UNKNOWN */
	struct tct_explain_row rows[TCT_EXPLAIN_ROWS];
	size_t count;
	char sentence[TCT_EXPLAIN_SENTENCE];
};

void tct_explain_make(const struct tct_story *story, struct tct_explain *explain);

/* Where A (0) or B (1) is; `width` as in tct_format_endpoint(). */
void tct_explain_endpoint(const struct tct_explain *explain, int side, int width,
			  char out[TCT_ENDPOINT_LEN]);

/* "u = 141: A sent 140 bytes; w = ..."; empty when no FIN was sent. */
void tct_explain_legend(const struct tct_explain *explain, char *out, size_t size);

/* When the closing began. */
uint64_t tct_explain_time(const struct tct_explain *explain);

/* The parts that tct_explain_make() is made of. */

/* What an unseen peer must have done, given what `end` did. */
void tct_explain_infer(const struct tct_story_end *end, struct tct_story_end *peer);
void tct_explain_put_rows(struct tct_explain *explain, uint64_t now_ns);
void tct_explain_put_sentence(struct tct_explain *explain, uint64_t now_ns);

/* How this end came to know: it sent its FIN, got the peer's, got the ACK of its own. */
const struct tct_story_step *tct_explain_fin_sent(const struct tct_story_end *end);
const struct tct_story_step *tct_explain_fin_received(const struct tct_story_end *end);
const struct tct_story_step *tct_explain_fin_acked(const struct tct_story_end *end);

/* That it entered CLOSE by neither of these nor from TIME_WAIT; NULL when it did not. */
const struct tct_story_step *tct_explain_broken_off(const struct tct_story_end *end);

enum tct_state tct_explain_state(const struct tct_story_end *end,
				 const struct tct_story_step *step);
bool tct_explain_is_orderly(const struct tct_story_end *end);
/* That end, or where it was not seen the other. */
const struct tct_story_end *tct_explain_teller(const struct tct_explain *explain, int side);

/* Its end is that of a FIN_WAIT2 mini-socket which nobody held, and which no segment ended. */
bool tct_explain_is_orphan(const struct tct_story_end *end);

bool tct_explain_is_merged(const struct tct_explain *explain);
bool tct_explain_sent_reset(const struct tct_story_end *end);

/* Both sent a FIN before they had the other's. */
bool tct_explain_is_mutual(const struct tct_explain *explain);

/* Bytes that B sent after A's FIN; 0 when none or not known. */
int64_t tct_explain_late_bytes(const struct tct_explain *explain);

#endif
