/* SPDX-License-Identifier: GPL-2.0 */
/* An address and a port, so that a client's and a server's can be compared. */
#ifndef TCT_ENDPOINT_H
#define TCT_ENDPOINT_H

#include "event.h"

/* An IPv4-mapped IPv6 address is the IPv4 address that it is on the wire. */
struct tct_endpoint {
	uint8_t family;		/* AF_INET or AF_INET6 */
	uint16_t port;
	uint8_t address[16];	/* network order; the rest is 0 for IPv4 */
};

struct tct_endpoint tct_endpoint_local(const struct tct_tuple *tuple);
struct tct_endpoint tct_endpoint_remote(const struct tct_tuple *tuple);

bool tct_endpoint_equal(const struct tct_endpoint *a, const struct tct_endpoint *b);

/* Turned: what is local to one is remote to the other. */
bool tct_endpoint_equal_tuples(const struct tct_tuple *a, const struct tct_tuple *b, bool turned);

/* "1.2.3.4:80" or "[::1]:80", `len` characters of it; 0 or -EINVAL. */
int tct_endpoint_parse(const char *text, size_t len, struct tct_endpoint *endpoint);

#endif
