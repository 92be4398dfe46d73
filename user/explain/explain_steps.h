/* SPDX-License-Identifier: GPL-2.0 */
/* What the steps of one end mean, and what follows from them for a peer that was not seen. */
#ifndef TCT_EXPLAIN_STEPS_H
#define TCT_EXPLAIN_STEPS_H

#include "../core/story.h"

/* NULL when that state was not entered; when it was, but not from there. */
const struct tct_story_step *tct_steps_to(const struct tct_story_end *end, enum tct_state state);
const struct tct_story_step *tct_steps_between(const struct tct_story_end *end,
					       enum tct_state from, enum tct_state to);

/* Which of its states that step entered; TCT_NONE for NULL. */
enum tct_state tct_steps_state(const struct tct_story_end *end, const struct tct_story_step *step);

/* How this end came to know: it sent its FIN, got the peer's, got the ACK of its own. */
const struct tct_story_step *tct_steps_fin(const struct tct_story_end *end);
const struct tct_story_step *tct_steps_got_fin(const struct tct_story_end *end);
const struct tct_story_step *tct_steps_acked(const struct tct_story_end *end);

/* That it entered CLOSE by neither of these nor from TIME_WAIT; NULL when it did not. */
const struct tct_story_step *tct_steps_broken(const struct tct_story_end *end);

bool tct_steps_are_orderly(const struct tct_story_end *end);

/* It broke off, and sent a reset then. */
bool tct_steps_reset(const struct tct_story_end *end);

/* What an unseen peer must have done, given what `end` did. */
void tct_steps_infer(const struct tct_story_end *end, struct tct_story_end *peer);

#endif
