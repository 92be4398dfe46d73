/* SPDX-License-Identifier: GPL-2.0 */
/* The numbers behind a finding in words: one line for people. */
#ifndef TCT_WHY_H
#define TCT_WHY_H

#include "../core/event.h"

/* "3 retransmissions of at most 8, next in 4.2s; 1,448 bytes not acknowledged"; "" for none. */
void tct_why_format(const struct tct_finding *ev, char *out, size_t size);

#endif
