// SPDX-License-Identifier: GPL-2.0
#include "kallsyms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "/proc/kallsyms"

struct line {
	uint64_t address;
	const char *name;
};

/* "ffffffff81000000 T _stext\t[module]" */
static bool parse_line(char *text, struct line *line)
{
	char *end;

	line->address = strtoul(text, &end, 16);
	if (end == text || strlen(end) < 4)
		return false;
	line->name = end + 3;
	end[3 + strcspn(end + 3, "\t\n")] = '\0';
	return true;
}

/* What is left of a function that the compiler took apart goes by the name of a part. */
static bool is_part(const char *suffix)
{
	return !strncmp(suffix, ".part.", 6) || !strncmp(suffix, ".isra.", 6) ||
	       !strncmp(suffix, ".constprop.", 11);
}

static void note_start(struct tct_kallsyms *out, const struct line *line)
{
	for (size_t i = 0; tct_end_symbol_name(i); i++) {
		const char *wanted = tct_end_symbol_name(i);
		size_t len = strlen(wanted);

		if (strncmp(line->name, wanted, len) != 0)
			continue;
		if (!line->name[len] || (is_part(line->name + len) && !out->ends[i].start))
			out->ends[i] = (struct tct_end_symbol){ .start = line->address };
	}
	if (!strcmp(line->name, "tw_timer_handler"))
		out->tw_timer_handler = line->address;
	else if (!strcmp(line->name, "socket_file_ops"))
		out->socket_file_ops = line->address;
}

/* The kernel's own symbols, which all of these are, come in ascending order. */
static void note_stop(struct tct_kallsyms *out, const struct line *line)
{
	for (size_t i = 0; tct_end_symbol_name(i); i++) {
		struct tct_end_symbol *symbol = &out->ends[i];

		if (symbol->start && !symbol->stop && line->address > symbol->start)
			symbol->stop = line->address;
	}
}

int tct_kallsyms_read(struct tct_kallsyms *out)
{
	FILE *file = fopen(PATH, "re");
	char text[512];
	struct line line;

	memset(out, 0, sizeof(*out));
	if (!file)
		return -errno;
	while (fgets(text, sizeof(text), file)) {
		if (!parse_line(text, &line))
			continue;
		note_stop(out, &line);
		note_start(out, &line);
	}
	fclose(file);
	for (size_t i = 0; i < TCT_END_SYMBOLS_MAX; i++)
		out->found += out->ends[i].start != 0;
	return 0;
}

bool tct_kallsyms_has(const char *name)
{
	FILE *file = fopen(PATH, "re");
	bool found = false;
	char text[512];
	struct line line;

	if (!file)
		return false;
	while (!found && fgets(text, sizeof(text), file))
		found = parse_line(text, &line) && !strcmp(line.name, name);
	fclose(file);
	return found;
}
