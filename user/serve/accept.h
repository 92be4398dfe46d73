/* SPDX-License-Identifier: GPL-2.0 */
/* What a client would take, as its Accept and Accept-Encoding headers say (RFC 9110, 12.5). */
#ifndef TCT_ACCEPT_H
#define TCT_ACCEPT_H

/*
 * How much it wants `token` ("text/plain", "gzip"): 0 to 1000; the most specific part decides. A
 * header that is NULL says nothing: -1, and so does one that does not name it.
 */
int tct_accept_weight(const char *header, const char *token);

#endif
