// SPDX-License-Identifier: GPL-2.0
/* One running `serve` and its figures. */
#define _GNU_SOURCE
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "command.h"
#include "daemon.h"
#include "deadline.h"
#include "fatal.h"
#include "http.h"
#include "programs.h"
#include "sockets.h"

#define FRESH_MS 60	/* above what a snapshot is kept for */

struct daemon {
	struct command command;
	uint16_t port;
	bool finished;
};

uint16_t daemon_free_port(void)
{
	int fd = sockets_bound("127.0.0.1", 0, 0);
	uint16_t port = sockets_end(fd).lport;

	close(fd);
	return port;
}

const char *daemon_file(const char *content)
{
	static char names[2][64];
	static unsigned int which;
	char *name = names[which++ % 2];
	FILE *file;

	if (*name)
		unlink(name);
	snprintf(name, sizeof(names[0]), "/tmp/tct-%d-%u.conf", getpid(), which);
	file = fopen(name, "we");
	fatal_unless(file, name);
	fputs(content, file);
	fatal_unless(!fclose(file), name);
	return name;
}

static bool is_ready(const void *arg)
{
	const struct daemon *d = arg;
	struct http_answer answer = http_get(d->port, "/readyz");
	bool ready = answer.status == 200;

	http_drop(&answer);
	return ready;
}

struct daemon *daemon_start(const char *config, const char *const args[])
{
	struct daemon *d = calloc(1, sizeof(*d));
	const char *own[COMMAND_ARGS_MAX], *all[COMMAND_ARGS_MAX];
	char address[64];
	int n = 0;

	fatal_unless(d, "memory");
	d->port = daemon_free_port();
	snprintf(address, sizeof(address), "--web.listen-address=127.0.0.1:%u", d->port);
	own[n++] = "serve";
	own[n++] = address;
	own[n++] = "--config";
	own[n++] = daemon_file(config);
	while (*args)
		own[n++] = *args++;
	own[n] = NULL;
	command_args(all, own);
	d->command = command_start(all, -1, NULL);
	if (!deadline_until(is_ready, d, DAEMON_PATIENCE_MS)) {
		daemon_free(d);
		fail_msg("serve does not become ready");
	}
	return d;
}

uint16_t daemon_port(const struct daemon *d)
{
	return d->port;
}

pid_t daemon_pid(const struct daemon *d)
{
	return d->command.pid;
}

bool daemon_said(const struct daemon *d, const char *text)
{
	return command_said(d->command.err, text);
}

long daemon_memory_kb(const struct daemon *d)
{
	char path[32], line[256];
	long kb = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", daemon_pid(d));
	status = fopen(path, "re");
	fatal_unless(status, path);
	while (fgets(line, sizeof(line), status))
		sscanf(line, "VmRSS: %ld", &kb);
	fclose(status);
	return kb;
}

long daemon_ran_ms(const struct daemon *d)
{
	unsigned long user = 0, system = 0;
	char path[32], line[1024] = "";
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", daemon_pid(d));
	stat = fopen(path, "re");
	fatal_unless(stat && fgets(line, sizeof(line), stat) && strrchr(line, ')'), path);
	fclose(stat);
	sscanf(strrchr(line, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
	       &system);
	return (long)((user + system) * 1000 / (unsigned long)sysconf(_SC_CLK_TCK));
}

int daemon_descriptors(const struct daemon *d)
{
	char path[32];
	int count = -2;		/* . and .. */
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", daemon_pid(d));
	dir = opendir(path);
	fatal_unless(dir, path);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

void daemon_finish(struct daemon *d)
{
	kill(d->command.pid, SIGTERM);
	assert_int_equal(command_wait(&d->command, DAEMON_PATIENCE_MS), 0);
	assert_true(programs_settle(DAEMON_PATIENCE_MS));
	d->finished = true;
}

void daemon_free(struct daemon *d)
{
	char text[4096];

	if (!d)
		return;
	if (!d->finished) {
		command_text(d->command.err, text, sizeof(text));
		print_message("serve said: %s\n", text);
	}
	command_close(&d->command);
	free(d);
}

char *daemon_metrics(const struct daemon *d)
{
	const struct timespec rest = { .tv_nsec = FRESH_MS * 1000000 };
	struct http_answer answer;
	char *text;

	nanosleep(&rest, NULL);
	answer = http_get(d->port, "/metrics");
	assert_int_equal(answer.status, 200);
	text = answer.body;
	answer.body = NULL;
	http_drop(&answer);
	return text;
}

double metrics_value(const char *text, const char *sample)
{
	size_t len = strlen(sample);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, sample, len) && line[len] == ' ')
			return strtod(line + len, NULL);
	}
	return -1;
}

double daemon_value(const struct daemon *d, const char *sample)
{
	char *text = daemon_metrics(d);
	double value = metrics_value(text, sample);

	free(text);
	return value;
}

void daemon_wait_value(const struct daemon *d, const char *sample, double wanted)
{
	uint64_t deadline = deadline_in_ms(DAEMON_PATIENCE_MS);
	double value;

	do {
		value = daemon_value(d, sample);
	} while (value != wanted && deadline_left_ms(deadline));
	if (value != wanted)
		fail_msg("%s is %g, not %g", sample, value, wanted);
}
