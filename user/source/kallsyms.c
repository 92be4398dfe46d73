// SPDX-License-Identifier: GPL-2.0
#include "kallsyms.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The file is not sorted across modules, so a function's end is the lowest address above it. */
static void note_stop(struct tct_end_symbol *symbol, uint64_t address)
{
	if (address > symbol->start && (!symbol->stop || address < symbol->stop))
		symbol->stop = address;
}

static void find_starts(FILE *file, struct tct_end_symbol *symbols)
{
	unsigned long address;
	char name[128], type;

	while (fscanf(file, "%lx %c %127s%*[^\n]", &address, &type, name) == 3) {
		for (size_t i = 0; tct_end_symbol_name(i); i++) {
			if (!strcmp(name, tct_end_symbol_name(i)))
				symbols[i].start = address;
		}
	}
}

static void find_stops(FILE *file, struct tct_end_symbol *symbols)
{
	unsigned long address;
	char name[128], type;

	while (fscanf(file, "%lx %c %127s%*[^\n]", &address, &type, name) == 3) {
		for (size_t i = 0; tct_end_symbol_name(i); i++) {
			if (symbols[i].start)
				note_stop(&symbols[i], address);
		}
	}
}

int tct_kallsyms_resolve(struct tct_end_symbol symbols[TCT_END_SYMBOLS_MAX])
{
	FILE *file = fopen("/proc/kallsyms", "re");
	int found = 0;

	memset(symbols, 0, sizeof(*symbols) * TCT_END_SYMBOLS_MAX);
	if (!file)
		return -errno;
	find_starts(file, symbols);
	rewind(file);
	find_stops(file, symbols);
	fclose(file);
	for (size_t i = 0; i < TCT_END_SYMBOLS_MAX; i++)
		found += symbols[i].start != 0;
	return found;
}
