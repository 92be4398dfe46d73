/* SPDX-License-Identifier: GPL-2.0 */
/* A TUN device: what the kernel sends to a network that is us. */
#ifndef LIVE_TUN_H
#define LIVE_TUN_H

#include <stddef.h>
#include <stdint.h>

/* In the current namespace, with that address (/24) on the kernel's side, and up. Returns a
 * descriptor that does not block. Skips the running test where there is no /dev/net/tun. */
int tun_open(const char *address);

/* The next packet's size, 0 when there is none. */
size_t tun_read(int tun, uint8_t *packet, size_t room);
void tun_write(int tun, const uint8_t *packet, size_t size);

#endif
