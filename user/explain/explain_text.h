/* SPDX-License-Identifier: GPL-2.0 */
/* An explained story for people: in ASCII and 80 columns, for Markdown, or as a line of JSON. */
#ifndef TCT_EXPLAIN_TEXT_H
#define TCT_EXPLAIN_TEXT_H

#include "explain.h"
#include "../sink/json.h"
#include "../sink/text.h"

/* Of `config` only what is about times and width; a blank line follows. */
void tct_explain_text(const struct tct_explain *explain, const struct tct_text_config *config);

/* A fenced block with a mermaid sequenceDiagram, its sentence below. */
void tct_explain_mermaid(const struct tct_explain *explain, FILE *out);

/* One object, type `explain`. */
void tct_explain_json(const struct tct_explain *explain, struct tct_sink_json *out,
		      uint64_t now_ns);

#endif
