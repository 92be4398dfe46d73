// SPDX-License-Identifier: GPL-2.0
#include "files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

static bool count_entries(const char *path, uint64_t *count)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	if (!dir)
		return false;
	*count = 0;
	while ((entry = readdir(dir)))
		*count += entry->d_name[0] != '.';
	closedir(dir);
	return true;
}

/* From 6.2 on the directory's size is their number (f1f1f2569901). */
static bool count_open(uint32_t pid, uint64_t *count)
{
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	if (stat(path, &st))
		return false;
	*count = (uint64_t)st.st_size;
	return *count || count_entries(path, count);
}

/* The soft limit; prlimit() of another user's process would need CAP_SYS_RESOURCE. */
static bool read_limit(uint32_t pid, uint64_t *limit)
{
	static const char title[] = "Max open files";
	char path[64], line[128] = "", *end = line;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/limits", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file) && strncmp(line, title, strlen(title)))
		;
	fclose(file);
	if (!strncmp(line, title, strlen(title)))
		*limit = strtoull(line + strlen(title), &end, 10);
	return end > line + strlen(title);	/* else it is "unlimited" */
}

bool tct_files_of_process(uint32_t pid, struct tct_files *out)
{
	return read_limit(pid, &out->limit) && count_open(pid, &out->open);
}
