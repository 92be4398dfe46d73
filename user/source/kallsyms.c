// SPDX-License-Identifier: GPL-2.0
#include "kallsyms.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void note_start(struct tct_end_symbol *symbols, const struct line *line)
{
	for (size_t i = 0; tct_end_symbol_name(i); i++) {
		if (!strcmp(line->name, tct_end_symbol_name(i)))
			symbols[i].start = line->address;
	}
}

/* The file is not sorted across modules: a function ends at the lowest address above its start. */
static void note_stop(struct tct_end_symbol *symbols, const struct line *line)
{
	for (size_t i = 0; tct_end_symbol_name(i); i++) {
		struct tct_end_symbol *symbol = &symbols[i];

		if (symbol->start && line->address > symbol->start &&
		    (!symbol->stop || line->address < symbol->stop))
			symbol->stop = line->address;
	}
}

static void each_line(FILE *file, struct tct_end_symbol *symbols,
		      void (*note)(struct tct_end_symbol *, const struct line *))
{
	char text[512];
	struct line line;

	while (fgets(text, sizeof(text), file)) {
		if (parse_line(text, &line))
			note(symbols, &line);
	}
}

int tct_kallsyms_resolve(struct tct_end_symbol symbols[TCT_END_SYMBOLS_MAX])
{
	FILE *file = fopen("/proc/kallsyms", "re");
	int found = 0;

	memset(symbols, 0, sizeof(*symbols) * TCT_END_SYMBOLS_MAX);
	if (!file)
		return -errno;
	each_line(file, symbols, note_start);
	rewind(file);
	each_line(file, symbols, note_stop);
	fclose(file);
	for (size_t i = 0; i < TCT_END_SYMBOLS_MAX; i++)
		found += symbols[i].start != 0;
	return found;
}
