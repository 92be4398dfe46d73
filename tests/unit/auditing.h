/* SPDX-License-Identifier: GPL-2.0 */
/* Audits by hand: what both readings show. All is in namespace 1, which was read at the start. */
#ifndef AUDITING_H
#define AUDITING_H

#include "stream.h"

#define AUDIT_AT 1000000000ull
#define AUDIT_READ (AUDIT_AT + 1000)		/* the first reading */
#define AUDIT_AGAIN (AUDIT_AT + TCT_AUDIT_MOMENT_NS)	/* the second */
#define AUDIT_END (AUDIT_AGAIN + 1000)

/* A stream, seeded with nothing. NULL for the defaults. */
struct stream *auditing_new(const struct tct_tracker_config *config);
int auditing_setup(void **state);

/* The first reading shows it; the second does, full or mini. */
void auditing_present(struct stream *stream, uint64_t cookie, enum tct_state state);
void auditing_present_mini(struct stream *stream, uint64_t cookie, enum tct_state substate);
void auditing_found(struct stream *stream, uint64_t cookie, enum tct_state state);
void auditing_found_mini(struct stream *stream, uint64_t cookie, enum tct_state substate);

/* At AUDIT_AT; the first reading is over; how many did not agree; the second; all of it. */
void auditing_begin(struct stream *stream);
void auditing_swept(struct stream *stream);
size_t auditing_suspects(const struct stream *stream);
void auditing_again(struct stream *stream);
void auditing_settle(struct stream *stream);

#endif
