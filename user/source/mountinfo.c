// SPDX-License-Identifier: GPL-2.0
#include "mountinfo.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* mangle_path(): a backslash and three octal digits. */
static bool is_escape(const char *text)
{
	return text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] >= '0' &&
	       text[2] <= '7' && text[3] >= '0' && text[3] <= '7';
}

static void unescape(char *text)
{
	char *out = text;

	while (*text) {
		if (is_escape(text)) {
			*out++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = '\0';
}

static char *next_field(char **rest)
{
	return strsep(rest, " \n");
}

/* 36 25 0:4 net:[4026532265] /run/netns/blue rw shared:7 - nsfs nsfs rw */
uint32_t tct_mountinfo_netns(char *line, char **path)
{
	unsigned long inode;
	char *rest = line, *root, *end;

	if (!strstr(line, " - nsfs "))
		return 0;
	for (int i = 0; i < 3; i++)
		next_field(&rest);
	root = next_field(&rest);
	*path = next_field(&rest);
	if (!*path || strncmp(root, "net:[", 5) != 0)
		return 0;
	inode = strtoul(root + 5, &end, 10);
	if (strcmp(end, "]") != 0 || inode > UINT32_MAX)
		return 0;
	unescape(*path);
	return (uint32_t)inode;
}
