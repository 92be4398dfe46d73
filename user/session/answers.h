/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Look-ups: live they are asked of the host and told to the tee; in a replay their answers are
 * inputs that come before the one which asks.
 */
#ifndef TCT_ANSWERS_H
#define TCT_ANSWERS_H

#include "session.h"

/* What the core is to ask: `session` must not move. */
void tct_answers_init(struct tct_session *session);
void tct_answers_fini(struct tct_session *session);

/* Keeps a copy of TCT_IN_CGROUP or TCT_IN_FILES. 0, -ENOMEM, or -EBADMSG for what is neither. */
int tct_answers_keep(struct tct_session *session, const struct tct_input *input);

/* The input that asks has been applied: what it did not ask for, nobody will. */
void tct_answers_drop(struct tct_session *session);

#endif
