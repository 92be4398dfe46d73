// SPDX-License-Identifier: GPL-2.0
#include "notify.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include "../log.h"

#define STATUS_REST_NS 5000000000ull

static void tell(const struct tct_notify *notify, const char *text)
{
	if (notify->on)
		sd_notify(0, text);
}

void tct_notify_init(struct tct_notify *notify)
{
	uint64_t allowed_us = 0;

	*notify = (struct tct_notify){ .on = getenv("NOTIFY_SOCKET") != NULL };
	if (notify->on && sd_watchdog_enabled(0, &allowed_us) > 0)
		notify->watchdog_ns = allowed_us * 1000 / 2;
}

void tct_notify_ready(struct tct_notify *notify, uint64_t now_ns)
{
	notify->fed_ns = now_ns;
	tell(notify, "READY=1");
}

void tct_notify_reloading(struct tct_notify *notify, uint64_t now_ns)
{
	char text[64];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, now_ns / 1000);
	tell(notify, text);
}

void tct_notify_stopping(struct tct_notify *notify)
{
	tell(notify, "STOPPING=1");
}

void tct_notify_progress(struct tct_notify *notify, uint64_t now_ns)
{
	if (!notify->watchdog_ns || now_ns < notify->fed_ns + notify->watchdog_ns)
		return;
	notify->fed_ns = now_ns;
	tell(notify, "WATCHDOG=1");
}

void tct_notify_tell_status(struct tct_notify *notify, const struct tct_notify_status *status,
			    uint64_t now_ns)
{
	char text[sizeof(notify->status)];

	if (!notify->on || (notify->status_ns && now_ns < notify->status_ns + STATUS_REST_NS))
		return;
	snprintf(text, sizeof(text), "STATUS=%" PRIu64 " sockets mirrored, %" PRIu64
		 " findings open, %" PRIu64 " events lost", status->mirrored, status->findings,
		 status->lost);
	if (!strcmp(text, notify->status))
		return;
	notify->status_ns = now_ns;
	memcpy(notify->status, text, sizeof(text));
	tell(notify, text);
}

uint64_t tct_notify_deadline(const struct tct_notify *notify)
{
	return notify->watchdog_ns ? notify->fed_ns + notify->watchdog_ns : TCT_NOTIFY_NEVER;
}

int tct_notify_listen_fd(void)
{
	int count = sd_listen_fds(1);
	int fd = SD_LISTEN_FDS_START;

	if (count != 1) {
		tct_log_error("fd:// wants one socket from systemd (a .socket unit), not %d",
			      count < 0 ? 0 : count);
		return -1;
	}
	if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
		tct_log_error("fd:// wants a stream socket that listens: ListenStream= in the "
			      ".socket unit");
		return -1;
	}
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return fd;
}
