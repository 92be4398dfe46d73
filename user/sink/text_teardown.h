/* SPDX-License-Identifier: GPL-2.0 */
/* How a connection ended, in a line: the kind, who, and the details that have room. */
#ifndef TCT_TEXT_TEARDOWN_H
#define TCT_TEXT_TEARDOWN_H

#include <stdio.h>
#include "../core/event.h"

#define TCT_TEARDOWN_LEN 256

/* At most `width` characters, most telling first; kind and closer always fit in 32. */
void tct_text_teardown(const struct tct_teardown *ev, size_t width, char out[TCT_TEARDOWN_LEN]);

#endif
