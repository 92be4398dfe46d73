/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCT_RULES_PASS_H
#define TCT_RULES_PASS_H

#include "rules.h"

/* All of a sink but its findings, handed on to the next one; what that does not take is NULL. */
void tct_rules_pass(struct tct_rules *rules, struct tct_sink *ops);

#endif
