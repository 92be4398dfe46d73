/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What systemd is told, and what it hands over. Without it (no NOTIFY_SOCKET) nothing is done. From
 * one thread.
 */
#ifndef TCT_NOTIFY_H
#define TCT_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#define TCT_NOTIFY_NEVER UINT64_MAX

struct tct_notify {
	bool on;
	uint64_t watchdog_ns;		/* between two signs of life, half of what is allowed; 0: none */
	uint64_t fed_ns;		/* the last one */
	uint64_t status_ns;		/* when the status was last told */
	char status[128];
};

/* What the status line says. */
struct tct_notify_status {
	uint64_t mirrored;
	uint64_t findings;		/* open */
	uint64_t lost;
};

void tct_notify_init(struct tct_notify *notify);

/* What was there at the start is known; or a reload is over. */
void tct_notify_ready(struct tct_notify *notify, uint64_t now_ns);
void tct_notify_reloading(struct tct_notify *notify, uint64_t now_ns);
void tct_notify_stopping(struct tct_notify *notify);

/* Events were read, or there were none: feeds the watchdog if it is time to. Call it often. */
void tct_notify_progress(struct tct_notify *notify, uint64_t now_ns);

/* Told when it has changed, at most every few seconds. */
void tct_notify_tell_status(struct tct_notify *notify, const struct tct_notify_status *status,
			    uint64_t now_ns);

/* When to call tct_notify_progress() even without events; TCT_NOTIFY_NEVER. */
uint64_t tct_notify_deadline(const struct tct_notify *notify);

/*
 * The one listening stream socket that systemd has handed over; it is ours, and non-blocking. -1
 * after a line that says what is wrong.
 */
int tct_notify_listen_fd(void);

#endif
