// SPDX-License-Identifier: GPL-2.0
#include "signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "../exit.h"

#define PATIENCE_S 5

/* A handler can reach nothing but statics. */
static volatile sig_atomic_t stop, usr1, hup, patient;
static bool reloads;
static int woken;		/* since it was last drained; set by any thread */
static int event_fd = -1;

static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1 };

#define CAUGHT (sizeof(caught) / sizeof(caught[0]))

/* The last lines could not be written: whoever reads them has stopped reading. */
static void on_alarm(int signal)
{
	static const char text[] = "tcpclose-trace: the output is blocked: stopped without it\n";

	struct pollfd messages = { .fd = STDERR_FILENO, .events = POLLOUT };

	(void)signal;
	if (poll(&messages, 1, 0) > 0)	/* it may be the same pipe */
		(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(TCT_EXIT_FAILURE);
}

/* In this order: whoever drains in between does so once too often, never once too little. */
static void wake(void)
{
	eventfd_write(event_fd, 1);
	__atomic_store_n(&woken, 1, __ATOMIC_RELEASE);
}

static void on_signal(int signal)
{
	int saved = errno;

	if (signal == SIGUSR1) {
		usr1 = 1;
	} else if (signal == SIGHUP && reloads) {
		hup = 1;
	} else {
		stop = 1;
		if (patient)
			alarm(PATIENCE_S);
	}
	wake();
	errno = saved;
}

static void mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < CAUGHT; i++)
		sigaddset(&set, caught[i]);
	sigprocmask(how, &set, NULL);
}

int tct_signals_hold(void)
{
	const struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event_fd < 0)
		return -errno;
	mask(SIG_BLOCK);
	signal(SIGALRM, on_alarm);
	for (size_t i = 0; i < CAUGHT; i++)
		sigaction(caught[i], &action, NULL);
	return event_fd;
}

void tct_signals_release(void)
{
	mask(SIG_UNBLOCK);
}

void tct_signals_wake(void)
{
	if (event_fd >= 0)
		wake();
}

void tct_signals_drain(void)
{
	eventfd_t count;

	if (__atomic_exchange_n(&woken, 0, __ATOMIC_ACQUIRE))
		eventfd_read(event_fd, &count);
}

void tct_signals_bound_wait(void)
{
	patient = 1;
	if (stop)
		alarm(PATIENCE_S);
}

bool tct_signals_stop(void)
{
	return stop;
}

bool tct_signals_take_usr1(void)
{
	bool taken = usr1;

	if (taken)
		usr1 = 0;
	return taken;
}

void tct_signals_reload_on_hup(void)
{
	reloads = true;
}

bool tct_signals_take_hup(void)
{
	bool taken = hup;

	if (taken)
		hup = 0;
	return taken;
}
