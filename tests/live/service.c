// SPDX-License-Identifier: GPL-2.0
/* Programs of others, run beside a test in its network namespace. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "deadline.h"
#include "fatal.h"
#include "service.h"
#include "sockets.h"

#define SERVICES_MAX 8
#define PATIENCE_MS 10000

static struct child running[SERVICES_MAX];
static int count;
static char dir[64];

void service_need(const char *path)
{
	if (!access(path, X_OK))
		return;
	print_message("%s is not installed\n", path);
	skip();
}

static const char *log_path(void)
{
	static char path[80];

	snprintf(path, sizeof(path), "%s/log", service_dir());
	return path;
}

/* SIGTERM when we die: a master that gets it takes its workers along. */
static void become(int link, void *arg)
{
	char *const *argv = arg;
	int log = open(log_path(), O_CREAT | O_WRONLY | O_APPEND, 0600);

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_DFL);
	fatal_unless(log >= 0 && dup2(link, STDIN_FILENO) >= 0, "standard input");
	fatal_unless(dup2(log, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0, "log");
	execv(argv[0], argv);
	fatal_unless(false, argv[0]);
}

static struct child *launch(const char *const argv[])
{
	struct child *child = &running[count];

	fatal_unless(count < SERVICES_MAX, "too many services");
	service_dir();
	*child = child_start(become, (void *)argv);
	count++;
	return child;
}

static bool listens(const void *port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool connected = !sockets_connect(fd, "127.0.0.1", *(const uint16_t *)port);

	close(fd);
	return connected;
}

static void show_log(void)
{
	FILE *file = fopen(log_path(), "re");
	char *line = NULL;
	size_t room = 0;

	while (file && getline(&line, &room, file) > 0)
		print_message("%s", line);
	free(line);
	if (file)
		fclose(file);
}

int service_start(const char *const argv[], uint16_t port)
{
	struct child *child = launch(argv);

	if (port && !deadline_until(listens, &port, PATIENCE_MS)) {
		show_log();
		fail_msg("%s does not listen on port %d", argv[0], port);
	}
	return child->link;
}

void service_run(const char *const argv[])
{
	struct child *child = launch(argv);
	int code = child_wait(child);

	count--;
	if (code) {
		show_log();
		fail_msg("%s ended with %d", argv[0], code);
	}
}

const char *service_dir(void)
{
	if (!*dir) {
		snprintf(dir, sizeof(dir), "/tmp/tct-real.XXXXXX");
		fatal_unless(mkdtemp(dir), "mkdtemp");
	}
	return dir;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void service_stop_all(void)
{
	while (count) {
		kill(-running[--count].pid, SIGKILL);
		child_kill(&running[count]);
	}
	if (*dir)
		nftw(dir, remove_one, SERVICES_MAX, FTW_DEPTH | FTW_PHYS);
	*dir = '\0';
}
