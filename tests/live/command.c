// SPDX-License-Identifier: GPL-2.0
/* The program under test as a process: started, signalled, waited for, and what it said. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "deadline.h"
#include "fatal.h"

const char *command_binary(void)
{
	const char *path = getenv("TCT_BIN");

	return path ? path : "build/tcpclose-trace";
}

static int add_from(const char *variable, const char *option, const char *all[], int n)
{
	const char *value = getenv(variable);

	if (value) {
		all[n++] = option;
		all[n++] = value;
	}
	return n;
}

int command_args(const char *all[COMMAND_ARGS_MAX], const char *const args[])
{
	int n = 0;

	while (args[n] && n < COMMAND_ARGS_MAX - 6) {
		all[n] = args[n];
		n++;
	}
	n = add_from("TCT_PROBES", "--probes", all, n);
	n = add_from("TCT_BTF", "--btf", all, n);
	all[n] = NULL;
	return n;
}

static FILE *scratch(void)
{
	FILE *file = tmpfile();

	fatal_unless(file, "temporary file");
	fcntl(fileno(file), F_SETFD, FD_CLOEXEC);
	return file;
}

/* The tests ignore SIGPIPE, which an exec would hand on. */
static void become(const char *const args[], int out, int err, bool (*prepare)(void))
{
	const char *argv[COMMAND_ARGS_MAX + 1] = { command_binary() };
	int n = 1;

	while (*args && n < COMMAND_ARGS_MAX)
		argv[n++] = *args++;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		_exit(127);
	if (prepare && !prepare())
		_exit(COMMAND_UNPREPARED);
	execv(argv[0], (char *const *)argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* The exec closes the child's end of this pipe. */
static void wait_for_exec(int ends[2])
{
	char none;

	close(ends[1]);
	fatal_unless(read(ends[0], &none, 1) == 0, "exec");
	close(ends[0]);
}

struct command command_start(const char *const args[], int out, bool (*prepare)(void))
{
	struct command c = { .out = out < 0 ? scratch() : NULL, .err = scratch() };
	int ends[2];

	fatal_unless(!pipe2(ends, O_CLOEXEC), "pipe");
	c.pid = fork();
	fatal_unless(c.pid >= 0, "fork");
	if (!c.pid)
		become(args, out < 0 ? fileno(c.out) : out, fileno(c.err), prepare);
	wait_for_exec(ends);
	return c;
}

static bool has_ended(const void *pid)
{
	siginfo_t info = { 0 };

	waitid(P_PID, *(const pid_t *)pid, &info, WEXITED | WNOHANG | WNOWAIT);
	return info.si_pid;
}

int command_wait(struct command *c, int timeout_ms)
{
	int status = 0;

	if (!deadline_until(has_ended, &c->pid, timeout_ms))
		kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int command_run(struct command *c, const char *const args[], int timeout_ms)
{
	*c = command_start(args, -1, NULL);
	return command_wait(c, timeout_ms);
}

void command_text(FILE *from, char *text, size_t size)
{
	rewind(from);
	text[fread(text, 1, size - 1, from)] = '\0';
}

int command_count(FILE *from, const char *text)
{
	char *line = NULL;
	size_t room = 0;
	int count = 0;

	rewind(from);
	while (getline(&line, &room, from) > 0)
		count += strstr(line, text) != NULL;
	free(line);
	return count;
}

bool command_said(FILE *from, const char *text)
{
	return command_count(from, text);
}

int command_lines(FILE *from)
{
	int c, lines = 0;

	rewind(from);
	while ((c = fgetc(from)) != EOF)
		lines += c == '\n';
	return lines;
}

void command_close(struct command *c)
{
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		command_wait(c, 0);
	}
	if (c->out)
		fclose(c->out);
	fclose(c->err);
}
