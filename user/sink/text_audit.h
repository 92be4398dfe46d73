/* SPDX-License-Identifier: GPL-2.0 */
/* Of the text sink: how complete the picture is. `ctx` is a struct tct_sink_text. */
#ifndef TCT_TEXT_AUDIT_H
#define TCT_TEXT_AUDIT_H

#include "../core/event.h"

void tct_text_difference(void *ctx, const struct tct_difference *ev);
void tct_text_audit(void *ctx, const struct tct_audit *ev);
void tct_text_flood(void *ctx, const struct tct_flood *ev);

#endif
