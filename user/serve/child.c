// SPDX-License-Identifier: GPL-2.0
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MILLISECOND 1000000ull
#define FIRST_LOOK_NS (10 * MILLISECOND)
#define LAST_LOOK_NS (250 * MILLISECOND)
#define PATIENCE_NS (2000 * MILLISECOND)	/* between SIGTERM and SIGKILL */

static int make_attributes(posix_spawnattr_t *attributes)
{
	sigset_t all, none;
	int err = posix_spawnattr_init(attributes);

	if (err)
		return -err;
	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_setsigdefault(attributes, &all);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setpgroup(attributes, 0);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
					     POSIX_SPAWN_SETPGROUP);
	return 0;
}

static int add_actions(posix_spawn_file_actions_t *actions, int input)
{
	int err = posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO);

	if (!err)
		err = posix_spawn_file_actions_adddup2(actions, STDERR_FILENO, STDOUT_FILENO);
	if (!err)
		err = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
	return -err;
}

/* With `input` as its stdin. */
static int spawn(pid_t *pid, char *const *argv, char *const *env, int input)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int err = make_attributes(&attributes);

	if (err)
		return err;
	err = -posix_spawn_file_actions_init(&actions);
	if (!err) {
		err = add_actions(&actions, input);
		if (!err)
			err = -posix_spawn(pid, argv[0], &actions, &attributes, argv, env);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attributes);
	return err;
}

int tct_child_start(struct tct_child *child, char *const *argv, char *const *env, char *text,
		    size_t len, uint64_t now_ns, uint64_t timeout_ns)
{
	int ends[2], err;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	err = spawn(&pid, argv, env, ends[0]);
	close(ends[0]);
	if (err) {
		close(ends[1]);
		return err;
	}
	if (getpriority(PRIO_PROCESS, 0) < 0)	/* ours, so as to lose no event */
		setpriority(PRIO_PGRP, (id_t)pid, 0);
	*child = (struct tct_child){
		.pid = pid, .input = ends[1], .text = text, .len = len, .look_ns = now_ns,
		.rest_ns = FIRST_LOOK_NS, .term_ns = now_ns + timeout_ns, .kill_ns = UINT64_MAX,
	};
	return 0;
}

static void end_input(struct tct_child *child)
{
	if (child->input >= 0)
		close(child->input);
	child->input = -1;
}

/* As much as it takes; one that closes its stdin wants no more. */
static void feed(struct tct_child *child)
{
	ssize_t done = 1;

	while (child->input >= 0 && child->written < child->len && done > 0) {
		done = write(child->input, child->text + child->written,
			     child->len - child->written);
		if (done > 0)
			child->written += (size_t)done;
	}
	if (child->written == child->len || (done < 0 && errno != EAGAIN && errno != EINTR))
		end_input(child);
}

static void see_time(struct tct_child *child, uint64_t now_ns)
{
	if (now_ns >= child->kill_ns) {
		kill(-child->pid, SIGKILL);
	} else if (now_ns >= child->term_ns && child->kill_ns == UINT64_MAX) {
		child->kill_ns = now_ns + PATIENCE_NS;
		kill(-child->pid, SIGTERM);
	}
}

bool tct_child_was_late(const struct tct_child *child)
{
	return child->kill_ns != UINT64_MAX;
}

/* What is left of the group of one that was late goes with it: its number is ours until it is reaped. */
static bool reap(struct tct_child *child, int flags, int *status)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT | flags) || !info.si_pid)
		return false;
	if (tct_child_was_late(child))
		kill(-child->pid, SIGKILL);
	waitpid(child->pid, status, 0);
	end_input(child);
	free(child->text);
	child->text = NULL;
	child->pid = 0;
	return true;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

bool tct_child_tick(struct tct_child *child, uint64_t now_ns, int *status)
{
	feed(child);
	see_time(child, now_ns);
	if (reap(child, WNOHANG, status))
		return true;
	child->look_ns = now_ns + child->rest_ns;
	child->rest_ns = earlier(2 * child->rest_ns, LAST_LOOK_NS);
	child->look_ns = earlier(child->look_ns,
				 tct_child_was_late(child) ? child->kill_ns : child->term_ns);
	if (child->look_ns <= now_ns)	/* killed, and not gone yet */
		child->look_ns = now_ns + FIRST_LOOK_NS;
	return false;
}

void tct_child_end(struct tct_child *child)
{
	int status;

	child->kill_ns = 0;
	kill(-child->pid, SIGKILL);
	reap(child, 0, &status);
}
