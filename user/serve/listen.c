// SPDX-License-Identifier: GPL-2.0
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include "../parse.h"

static int parse_v4(const char *host, in_port_t port, struct tct_listen *listen)
{
	struct sockaddr_in *address = (struct sockaddr_in *)&listen->address;

	address->sin_family = AF_INET;
	address->sin_port = port;
	listen->len = sizeof(*address);
	return inet_pton(AF_INET, host, &address->sin_addr) == 1 ? 0 : -EINVAL;
}

static int parse_v6(const char *host, in_port_t port, struct tct_listen *listen)
{
	struct sockaddr_in6 *address = (struct sockaddr_in6 *)&listen->address;

	address->sin6_family = AF_INET6;
	address->sin6_port = port;
	listen->len = sizeof(*address);
	return inet_pton(AF_INET6, host, &address->sin6_addr) == 1 ? 0 : -EINVAL;
}

static int parse_host(char *host, in_port_t port, struct tct_listen *listen)
{
	size_t len = strlen(host);

	if (!len)	/* as other exporters have it: IPv4 too */
		return parse_v6("::", port, listen);
	if (!strcmp(host, "localhost"))
		return parse_v4("127.0.0.1", port, listen);
	if (host[0] != '[')
		return parse_v4(host, port, listen);
	if (host[len - 1] != ']')
		return -EINVAL;
	host[len - 1] = '\0';
	return parse_v6(host + 1, port, listen);
}

int tct_listen_parse(const char *text, struct tct_listen *listen)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	uint32_t port;
	int err;

	*listen = (struct tct_listen){ .handed_over = !strcmp(text, "fd://") };
	if (listen->handed_over)
		return 0;
	if (!colon || (size_t)(colon - text) >= sizeof(host))
		return -EINVAL;
	err = tct_parse_number(colon + 1, 65535, &port);
	if (err)
		return err;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	return parse_host(host, htons((uint16_t)port), listen);
}
