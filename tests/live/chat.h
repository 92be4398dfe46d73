/* SPDX-License-Identifier: GPL-2.0 */
/* A client that talks to a program on 127.0.0.1 in words. What cannot be is fatal(). */
#ifndef LIVE_CHAT_H
#define LIVE_CHAT_H

#include <stdint.h>

/* Connected; the caller closes it. */
int chat_open(uint16_t port);

void chat_say(int fd, const char *words);

/* Reads on until those words have come. */
void chat_hear(int fd, const char *words);

#endif
