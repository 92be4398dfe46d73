/* SPDX-License-Identifier: GPL-2.0 */
/* The events of a stream, parted by the sockets that they are about. */
#ifndef COMPARE_SOCKETS_H
#define COMPARE_SOCKETS_H

#include <jansson.h>

/*
 * An array of objects {"cookie", "name", "events"}, in the order in which the sockets appear, each
 * with its own events in order. The first is no socket: it has what is about the run as a whole.
 * A socket that shows no cookie at first is known by its addresses and ports until it does.
 */
json_t *sockets_of(const json_t *events);

#endif
