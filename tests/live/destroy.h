/* SPDX-License-Identifier: GPL-2.0 */
/* SOCK_DESTROY: what `ss -K` does to a socket, be it a mini-socket. */
#ifndef LIVE_DESTROY_H
#define LIVE_DESTROY_H

#include "sockets.h"

/* IPv4, in the current namespace. Skips the running test where the kernel cannot. */
void destroy_socket(const struct end *end);

#endif
