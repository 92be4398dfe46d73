/* SPDX-License-Identifier: GPL-2.0 */
/* A kept stream without what no two runs have in common. */
#ifndef COMPARE_STREAM_H
#define COMPARE_STREAM_H

#include <jansson.h>

/*
 * The sockets of the file as sockets_of() has them, in an order of their own: by name. Ports that
 * the kernel chose and namespaces have become numbers in the order in which they appear; times,
 * durations, pids and what depends on the rest of the host is gone. Without those sockets that were
 * there before the stream began. NULL when the file cannot be read.
 */
json_t *stream_load(const char *path);

#endif
