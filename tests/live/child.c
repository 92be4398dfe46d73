// SPDX-License-Identifier: GPL-2.0
/* A child process that plays one part of a scenario. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "fatal.h"

struct child child_start(void (*part)(int link, void *arg), void *arg)
{
	struct child child;
	int ends[2];

	fatal_unless(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair");
	child.pid = fork();
	fatal_unless(child.pid >= 0, "fork");
	if (!child.pid) {
		fatal_in_child();
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		part(ends[1], arg);
		_exit(0);
	}
	close(ends[1]);
	child.link = ends[0];
	return child;
}

void child_tell(int link, const void *message, size_t size)
{
	fatal_unless(send(link, message, size, MSG_NOSIGNAL) == (ssize_t)size, "tell");
}

void child_hear(int link, void *message, size_t size)
{
	fatal_unless(recv(link, message, size, MSG_WAITALL) == (ssize_t)size, "hear");
}

void child_signal(int link)
{
	child_tell(link, "!", 1);
}

void child_await(int link)
{
	char byte;

	child_hear(link, &byte, 1);
}

void child_kill(struct child *child)
{
	if (child->pid <= 0)
		return;
	kill(child->pid, SIGKILL);
	child_wait(child);
}

int child_wait(struct child *child)
{
	int status = 0;

	if (child->pid <= 0)
		return 0;
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	child->pid = 0;
	close(child->link);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}
