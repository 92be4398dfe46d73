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
static volatile sig_atomic_t stop, usr1, patient;
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

static void on_signal(int signal)
{
	int saved = errno;

	if (signal == SIGUSR1) {
		usr1 = 1;
	} else {
		stop = 1;
		if (patient)
			alarm(PATIENCE_S);
	}
	eventfd_write(event_fd, 1);
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
		eventfd_write(event_fd, 1);
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
	eventfd_t count;
	bool taken = usr1;

	if (!taken)
		return false;
	usr1 = 0;
	eventfd_read(event_fd, &count);
	return true;
}
