// SPDX-License-Identifier: GPL-2.0
#include "endpoint.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static struct tct_endpoint make(uint8_t family, const uint8_t *address, uint16_t port)
{
	struct tct_endpoint endpoint = { .family = family, .port = port };

	if (family == AF_INET6 && memcmp(address, mapped, sizeof(mapped))) {
		memcpy(endpoint.address, address, 16);
		return endpoint;
	}
	endpoint.family = AF_INET;
	memcpy(endpoint.address, address + (family == AF_INET6 ? sizeof(mapped) : 0), 4);
	return endpoint;
}

struct tct_endpoint tct_endpoint_local(const struct tct_tuple *tuple)
{
	return make(tuple->family, tuple->laddr, tuple->lport);
}

struct tct_endpoint tct_endpoint_remote(const struct tct_tuple *tuple)
{
	return make(tuple->family, tuple->raddr, tuple->rport);
}

bool tct_endpoint_equal(const struct tct_endpoint *a, const struct tct_endpoint *b)
{
	return a->family == b->family && a->port == b->port &&
	       !memcmp(a->address, b->address, sizeof(a->address));
}

bool tct_endpoint_equal_tuples(const struct tct_tuple *a, const struct tct_tuple *b, bool turned)
{
	struct tct_endpoint al = tct_endpoint_local(a), ar = tct_endpoint_remote(a);
	struct tct_endpoint bl = tct_endpoint_local(b), br = tct_endpoint_remote(b);

	return tct_endpoint_equal(&al, turned ? &br : &bl) &&
	       tct_endpoint_equal(&ar, turned ? &bl : &br);
}

static int parse_port(const char *text, size_t len, uint16_t *port)
{
	uint32_t value = 0;

	if (!len || len > 5)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return -EINVAL;
		value = 10 * value + (uint32_t)(text[i] - '0');
	}
	if (!value || value > 65535)
		return -EINVAL;
	*port = (uint16_t)value;
	return 0;
}

/* An IPv6 address has brackets, since it has colons. */
int tct_endpoint_parse(const char *text, size_t len, struct tct_endpoint *endpoint)
{
	const char *colon = memrchr(text, ':', len);
	size_t host_len = colon ? (size_t)(colon - text) : 0;
	bool v6 = host_len > 2 && text[0] == '[' && text[host_len - 1] == ']';
	char host[INET6_ADDRSTRLEN];
	uint8_t address[16] = { 0 };
	uint16_t port;

	if (v6) {
		text++;
		host_len -= 2;
	}
	if (!host_len || host_len >= sizeof(host) ||
	    parse_port(colon + 1, len - host_len - 1 - (v6 ? 2 : 0), &port))
		return -EINVAL;
	memcpy(host, text, host_len);
	host[host_len] = '\0';
	if (inet_pton(v6 ? AF_INET6 : AF_INET, host, address) != 1)
		return -EINVAL;
	*endpoint = make(v6 ? AF_INET6 : AF_INET, address, port);
	return 0;
}
