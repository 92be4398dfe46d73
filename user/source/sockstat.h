/* SPDX-License-Identifier: GPL-2.0 */
/* What /proc/net/sockstat counts, without looking at any socket. */
#ifndef TCT_SOCKSTAT_H
#define TCT_SOCKSTAT_H

#include <stdbool.h>

/*
 * Whether the network namespace of this thread has a TCP socket of any kind: false only where the
 * kernel says that it has none.
 */
bool tct_sockstat_has_tcp(void);

/* The same of one line of sockstat or sockstat6. */
bool tct_sockstat_line_has_tcp(const char *line);

#endif
