/* SPDX-License-Identifier: GPL-2.0 */
/* The inputs that an audit is made of. */
#ifndef TCT_AUDITS_H
#define TCT_AUDITS_H

#include "session.h"

/* As tct_session_apply(), of TCT_IN_AUDIT_*. */
int tct_audits_apply(struct tct_session *session, const struct tct_input *input);

#endif
