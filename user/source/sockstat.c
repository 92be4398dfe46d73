// SPDX-License-Identifier: GPL-2.0
#include "sockstat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Full sockets of each family; mini-sockets, `tw`, of both. */
bool tct_sockstat_line_has_tcp(const char *line)
{
	unsigned long full, mini;

	if (!strncmp(line, "TCP:", 4))
		return sscanf(line, "TCP: inuse %lu orphan %*u tw %lu", &full, &mini) != 2 ||
		       full || mini;
	if (!strncmp(line, "TCP6:", 5))
		return sscanf(line, "TCP6: inuse %lu", &full) != 1 || full;
	return false;
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
