// SPDX-License-Identifier: GPL-2.0
#include "kallsyms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "/proc/kallsyms"
#define TEXT_END "_etext"	/* what follows is data, and what modules have */
#define ALIKE 8			/* no name that is wanted is shorter */

struct search {
	struct tct_kallsyms *out;
	const char *wanted[TCT_END_SYMBOLS_MAX];
	size_t count;
	bool open;		/* one of them has no stop yet */
};

/* "ffffffff81000000 T _stext\t[module]" */
static const char *name_in(const char *line)
{
	const char *space = strchr(line, ' ');

	return space && space[1] && space[2] == ' ' ? space + 3 : NULL;
}

static bool is_end(char c)
{
	return !c || c == '\n' || c == '\t';
}

static bool is(const char *name, const char *wanted)
{
	size_t len = strlen(wanted);

	return !strncmp(name, wanted, len) && is_end(name[len]);
}

/* What is left of a function that the compiler took apart goes by the name of a part. */
static bool is_part(const char *suffix)
{
	return !strncmp(suffix, ".part.", 6) || !strncmp(suffix, ".isra.", 6) ||
	       !strncmp(suffix, ".constprop.", 11);
}

static void note_start(struct search *search, size_t i, const char *name, uint64_t address)
{
	struct tct_end_symbol *symbol = &search->out->ends[i];
	const char *suffix = name + strlen(search->wanted[i]);

	if (!is_end(*suffix) && (symbol->start || !is_part(suffix)))
		return;
	*symbol = (struct tct_end_symbol){ .start = address };
	search->open = true;
}

/* The kernel's own symbols, which all of these are, come in ascending order. */
static void note_stop(struct search *search, uint64_t address)
{
	search->open = false;
	for (size_t i = 0; i < search->count; i++) {
		struct tct_end_symbol *symbol = &search->out->ends[i];

		if (symbol->start && !symbol->stop && address > symbol->start)
			symbol->stop = address;
		search->open |= symbol->start && !symbol->stop;
	}
}

/* For each of a hundred thousand lines: few of them are looked at any further. */
static void note(struct search *search, const char *line, const char *name)
{
	if (search->open)
		note_stop(search, strtoul(line, NULL, 16));
	for (size_t i = 0; i < search->count; i++) {
		const char *wanted = search->wanted[i];

		if (!memcmp(name, wanted, ALIKE) && !strncmp(name, wanted, strlen(wanted)))
			note_start(search, i, name, strtoul(line, NULL, 16));
	}
	if (is(name, "tw_timer_handler"))
		search->out->tw_timer_handler = strtoul(line, NULL, 16);
}

/* Whether there is nothing more to come: IPv6 may be a module. */
static bool is_last(const struct search *search, const char *name)
{
	if (!is(name, TEXT_END))
		return false;
	for (size_t i = 0; i < search->count; i++)
		if (!strcmp(search->wanted[i], "tcp_v6_rcv"))
			return search->out->ends[i].start;
	return true;
}

/* The name in the next line that has one, which is in `line` then; NULL at the end. */
static const char *next_name(FILE *file, char *line, int size)
{
	const char *name = NULL;

	while (!name && fgets(line, size, file))
		name = name_in(line);
	return name;
}

void tct_kallsyms_parse(FILE *file, struct tct_kallsyms *out)
{
	struct search search = { .out = out };
	char line[512] = "";	/* a short name has bytes behind it */
	const char *name;

	memset(out, 0, sizeof(*out));
	while (tct_end_symbol_name(search.count)) {
		search.wanted[search.count] = tct_end_symbol_name(search.count);
		search.count++;
	}
	while ((name = next_name(file, line, sizeof(line) - ALIKE))) {
		note(&search, line, name);
		if (is_last(&search, name))
			break;
	}
	for (size_t i = 0; i < search.count; i++)
		out->found += out->ends[i].start != 0;
}

int tct_kallsyms_read(struct tct_kallsyms *out)
{
	FILE *file = fopen(PATH, "re");

	if (!file) {
		memset(out, 0, sizeof(*out));
		return -errno;
	}
	tct_kallsyms_parse(file, out);
	fclose(file);
	return 0;
}

bool tct_kallsyms_find(const char *name, uint64_t *address)
{
	FILE *file = fopen(PATH, "re");
	const char *here;
	char line[512];

	*address = 0;
	if (!file)
		return false;
	do {
		here = next_name(file, line, sizeof(line));
	} while (here && !is(here, name));
	if (here)
		*address = strtoul(line, NULL, 16);
	fclose(file);
	return here;
}
