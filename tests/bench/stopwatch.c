// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a command and writes when it started, how it ended, and, with -l, when each line of its output came, all by
 * CLOCK_MONOTONIC, to a file:
 *   start NS PID
 *   line NS TEXT
 *   exit NS CODE USER_SECONDS SYSTEM_SECONDS MAX_RSS_KB
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static unsigned long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* The time of a line is that at which its end was read. */
static void lines_copy(int fd, FILE *report)
{
	FILE *lines = fdopen(fd, "r");
	size_t size = 0;
	char *line = NULL;
	ssize_t length;

	while (lines && (length = getline(&line, &size, lines)) > 0) {
		fprintf(report, "line %llu %s%s", now_ns(), line, line[length - 1] == '\n' ? "" : "\n");
		fflush(report);
	}
	free(line);
}

static void run(char **command, const int *ends)
{
	/* Whoever kills the stopwatch ends the command with it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	if (ends)
		dup2(ends[1], STDOUT_FILENO);
	execvp(command[0], command);
	fprintf(stderr, "stopwatch: %s: %s\n", command[0], strerror(errno));
	_exit(127);
}

static int wait_and_report(pid_t pid, FILE *report)
{
	struct rusage usage;
	int status;

	while (wait4(pid, &status, 0, &usage) < 0) {
		if (errno != EINTR)
			return 1;
	}
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	fprintf(report, "exit %llu %d %ld.%06ld %ld.%06ld %ld\n", now_ns(), status, (long)usage.ru_utime.tv_sec,
		(long)usage.ru_utime.tv_usec, (long)usage.ru_stime.tv_sec, (long)usage.ru_stime.tv_usec,
		usage.ru_maxrss);
	return status;
}

int main(int argc, char **argv)
{
	bool lines = argc > 1 && !strcmp(argv[1], "-l");
	FILE *report = argc > 2 + lines ? fopen(argv[1 + lines], "we") : NULL;
	int ends[2];
	pid_t pid;

	if (!report || (lines && pipe2(ends, O_CLOEXEC) < 0)) {
		fputs("usage: stopwatch [-l] REPORT COMMAND...\n", stderr);
		return 2;
	}
	signal(SIGINT, SIG_IGN);
	fprintf(report, "start %llu ", now_ns());
	fflush(report);
	pid = fork();
	if (pid < 0)
		return 1;
	if (!pid)
		run(argv + 2 + lines, lines ? ends : NULL);
	fprintf(report, "%d\n", pid);
	fflush(report);
	if (lines) {
		close(ends[1]);
		lines_copy(ends[0], report);
	}
	return wait_and_report(pid, report);
}
