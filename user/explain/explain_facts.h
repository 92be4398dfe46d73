/* SPDX-License-Identifier: GPL-2.0 */
/* The parts that tct_explain_make() is made of, in this order. */
#ifndef TCT_EXPLAIN_FACTS_H
#define TCT_EXPLAIN_FACTS_H

#include "explain.h"
#include "explain_steps.h"

/* `seen` and `ends` are set. */
void tct_explain_decide(struct tct_explain *explain);
void tct_explain_put_rows(struct tct_explain *explain, uint64_t now_ns);
void tct_explain_put_sentence(struct tct_explain *explain, uint64_t now_ns);

#endif
