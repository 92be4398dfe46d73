// SPDX-License-Identifier: GPL-2.0
/* A cgroup whose memory is limited, for the program under test. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deadline.h"
#include "fatal.h"
#include "memcg.h"

/* The first hierarchy that has the controller; a second version's may not hand it down. */
static const struct place {
	const char *root;
	const char *limit;
	const char *usage;
} places[] = {
	{ "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes" },
	{ "/sys/fs/cgroup", "memory.max", "memory.current" },
};

static const struct place *opened;
static char dir[128];

static bool write_file(const char *name, const char *text)
{
	char path[256];
	bool done;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

static bool open_in(const struct place *place, const char *limit)
{
	snprintf(dir, sizeof(dir), "%s/tct-test-%d", place->root, getpid());
	if (mkdir(dir, 0700))
		return false;
	opened = place;
	if (write_file(place->limit, limit))
		return true;
	rmdir(dir);
	return false;
}

void memcg_open(size_t bytes)
{
	char limit[32];

	snprintf(limit, sizeof(limit), "%zu", bytes);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (open_in(&places[i], limit))
			return;
	dir[0] = '\0';
	fatal_skip("no memory controller of cgroups can be had");
}

bool memcg_join(void)
{
	return write_file("cgroup.procs", "0");
}

static size_t usage(void)
{
	char path[256];
	size_t bytes = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, opened->usage);
	file = fopen(path, "re");
	fatal_unless(file && fscanf(file, "%zu", &bytes) == 1, path);
	fclose(file);
	return bytes;
}

void memcg_leave(size_t bytes)
{
	char limit[32];

	write_file("memory.swap.max", "0");	/* one of each version */
	write_file("memory.swappiness", "0");
	snprintf(limit, sizeof(limit), "%zu", usage() + bytes);
	fatal_unless(write_file(opened->limit, limit), "a limit of memory");
}

static bool is_removed(const void *arg)
{
	(void)arg;
	return !rmdir(dir);
}

void memcg_close(void)
{
	if (dir[0])
		deadline_until(is_removed, NULL, 5000);
	dir[0] = '\0';
}
