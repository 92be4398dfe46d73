// SPDX-License-Identifier: GPL-2.0
#include "sockstat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number that is not there may be any. */
static bool counts(const char *line, const char *name)
{
	const char *at = strstr(line, name);
	char *end;

	if (!at)
		return true;
	at += strlen(name);
	return strtoul(at, &end, 10) || end == at;
}

/* Full sockets of each family; mini-sockets, `tw`, of both. */
bool tct_sockstat_line_has_tcp(const char *line)
{
	if (!strncmp(line, "TCP:", 4))
		return counts(line, " inuse ") || counts(line, " tw ");
	return !strncmp(line, "TCP6:", 5) && counts(line, " inuse ");
}

/* A kernel without IPv6 has no such file. */
static bool file_has_tcp(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[128];
	bool has = false;

	if (!file)
		return errno != ENOENT;
	while (!has && fgets(line, sizeof(line), file))
		has = tct_sockstat_line_has_tcp(line);
	has |= ferror(file) != 0;
	fclose(file);
	return has;
}

bool tct_sockstat_has_tcp(void)
{
	return file_has_tcp("/proc/thread-self/net/sockstat") ||
	       file_has_tcp("/proc/thread-self/net/sockstat6");
}
