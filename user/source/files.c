// SPDX-License-Identifier: GPL-2.0
#include "files.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
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

bool tct_files_of_process(uint32_t pid, struct tct_files *out)
{
	struct rlimit limit;

	if (prlimit((pid_t)pid, RLIMIT_NOFILE, NULL, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return false;
	out->limit = limit.rlim_cur;
	return count_open(pid, &out->open);
}
