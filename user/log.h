/* SPDX-License-Identifier: GPL-2.0 */
/* One line on stderr where a fact is known; libbpf's own words only with -v. */
#ifndef TCT_LOG_H
#define TCT_LOG_H

#include <stdbool.h>
#include <stdio.h>

void tct_log_init(bool verbose);

/* Instead of stderr; it is written to line by line. NULL: stderr again. */
void tct_log_to(FILE *out);

/* Each writes one line, "tcpclose-trace: ..."; the newline is added. */
void tct_log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void tct_log_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
