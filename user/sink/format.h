/* SPDX-License-Identifier: GPL-2.0 */
/* Values as people read them: addresses, durations, times, lines that fit. */
#ifndef TCT_FORMAT_H
#define TCT_FORMAT_H

#include <stdint.h>
#include <stdio.h>
#include "../core/event.h"

#define TCT_ADDRESS_LEN 46	/* INET6_ADDRSTRLEN */
#define TCT_ENDPOINT_LEN 72	/* "[address]:65535", with room for the compiler's worst case */

/*
 * Text that is made piece by piece, in the caller's room: each returns where the next piece goes.
 * These write no NUL.
 */
char *tct_format_u64(uint64_t value, char *out);
char *tct_format_i64(int64_t value, char *out);
char *tct_format_hex(uint64_t value, char *out);
char *tct_format_digits(uint64_t value, int count, char *out);	/* the last `count`, with zeros */
char *tct_format_column(const char *text, size_t width, char *out);	/* cut or filled: "%-9.9s" */
char *tct_format_right(const char *text, size_t width, char *out);	/* "%9s" */

/* Ends with a NUL. */
char *tct_format_address(const uint8_t *address, uint8_t family, char out[TCT_ADDRESS_LEN]);

/* "1.2.3.4:80", "[::1]:80"; an address that does not fit in `width` loses its middle to "~". */
char *tct_format_endpoint(const uint8_t *address, uint8_t family, uint16_t port, int width,
			  char out[TCT_ENDPOINT_LEN]);

/* "12.3ms", "59.2s", "2h05m": at most seven characters; `size` is at least 8. */
void tct_format_duration(int64_t ns, char *out, size_t size);

/* RFC 3339, UTC, ns. */
void tct_format_rfc3339(uint64_t real_ns, char *out, size_t size);

/*
 * Words of `text` in lines of at most `width`, each after `indent` blanks; the first goes on a
 * line that has `column` characters already. Ends the last line.
 */
void tct_format_wrap(FILE *out, const char *text, int column, int indent, int width);

/* Names that users choose, for a terminal: what is not printable ASCII becomes "?". */
void tct_format_plain(const char *text, char *out, size_t size);

#endif
