/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors for connections: what is attached and read must not go short of them. */
#ifndef TCT_ROOM_H
#define TCT_ROOM_H

#include <stdint.h>

#define TCT_ROOM_OWN 256	/* that everything else may need: programs, maps, looks at processes */

/*
 * Raises RLIMIT_NOFILE for so many connections, as far as is permitted. Returns how many of them
 * there are descriptors for, at least 1.
 */
uint32_t tct_room_for(uint32_t connections);

#endif
