/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NETNS_H
#define NETNS_H

/* Moves the caller into a network namespace of its own, loopback up, all ports above 1024 free. 0 or -errno. */
int netns_enter(void);

#endif
