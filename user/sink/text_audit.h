/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Of the text sink: how complete the picture is. `column`: characters that the first line has
 * already.
 */
#ifndef TCT_TEXT_AUDIT_H
#define TCT_TEXT_AUDIT_H

#include "text.h"

/* How many differences an audit found. */
uint32_t tct_text_drift(const struct tct_audit *ev);

void tct_text_difference(const struct tct_text_config *config, int column,
			 const struct tct_difference *ev);
void tct_text_audit(const struct tct_text_config *config, int column, const struct tct_audit *ev);
void tct_text_flood(const struct tct_text_config *config, const struct tct_flood *ev);
void tct_text_loss(const struct tct_text_config *config, const struct tct_loss *ev);

#endif
