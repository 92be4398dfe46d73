/* SPDX-License-Identifier: GPL-2.0 */
/* A peer that is gone, without a firewall. */
#ifndef LIVE_DEAF_H
#define LIVE_DEAF_H

/* From now on the kernel drops every segment for fd before TCP sees it. */
void deaf_make(int fd);

/* It hears again. */
void deaf_heal(int fd);

#endif
