/* SPDX-License-Identifier: GPL-2.0 */
/* Every kind of event, with values as long as they get, past a sink. */
#ifndef PARADE_H
#define PARADE_H

#include "../../user/core/event.h"

/* What is not always known is known, then is not. */
void parade_transition(const struct tct_sink *sink);
void parade_time_wait(const struct tct_sink *sink);

/* A request's state: of a full socket it is never true, but it can be told. */
void parade_new_syn_recv(const struct tct_sink *sink);

/* Every kind by every closer. */
void parade_teardown(const struct tct_sink *sink);

/* Every rule and status: the headline, the verdicts and the advice. */
void parade_finding(const struct tct_sink *sink);

void parade_finding_of_one_socket(const struct tct_sink *sink);

/* One process, its sockets by ranges of descriptors that fill the line's end. */
void parade_finding_with_holder(const struct tct_sink *sink);

/* Every second descriptor is a stuck socket: as many ranges as are told. */
void parade_finding_with_ranges(const struct tct_sink *sink);

void parade_illegal(const struct tct_sink *sink);
void parade_ready(const struct tct_sink *sink);
/* All kinds of differences, and an audit that found them. */
void parade_audit(const struct tct_sink *sink);

void parade_flood(const struct tct_sink *sink);
void parade_loss(const struct tct_sink *sink);
void parade_summary(const struct tct_sink *sink);

/* One or some of each type. */
void parade_all(const struct tct_sink *sink);

#endif
