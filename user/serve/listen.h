/* SPDX-License-Identifier: GPL-2.0 */
/* Where the daemon listens: a numeric address and a port, or what systemd hands over. */
#ifndef TCT_LISTEN_H
#define TCT_LISTEN_H

#include <stdbool.h>
#include <sys/socket.h>

struct tct_listen {
	bool handed_over;		/* fd://: all else is unset */
	struct sockaddr_storage address;
	socklen_t len;
};

/*
 * "127.0.0.1:9929", "[::1]:9929", "localhost:9929" (127.0.0.1), ":9929" (all addresses), "fd://".
 * No name is looked up. Returns 0 or -EINVAL.
 */
int tct_listen_parse(const char *text, struct tct_listen *listen);

#endif
