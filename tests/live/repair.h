/* SPDX-License-Identifier: GPL-2.0 */
/* TCP_REPAIR: a reset from a peer whose socket has gone, as a strange or late host sends one. */
#ifndef LIVE_REPAIR_H
#define LIVE_REPAIR_H

#include <stdint.h>

#include "sockets.h"

/* Puts fd into repair mode. Skips the running test where TCP_REPAIR is not permitted. */
void repair_on(int fd);

/* The sequence number that fd's FIN will have; its send queue must be empty. Leaves fd as it
 * was. Skips as repair_on() does. */
uint32_t repair_next_seq(int fd);

/* Sends a reset with that sequence number from the place of `gone` to its peer. */
void repair_send_reset(const struct end *gone, uint32_t seq);

#endif
