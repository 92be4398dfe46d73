// SPDX-License-Identifier: GPL-2.0
/* A confusion table: what was expected by what was reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "confusion.h"
#include "fatal.h"

#define LINE 256

static int index_of(struct confusion *c, const char *name)
{
	int i;

	for (i = 0; i < c->count; i++)
		if (!strcmp(c->names[i], name))
			return i;
	fatal_unless(c->count < CONFUSION_MAX, "room in the confusion table");
	c->names[c->count] = strdup(name);
	return c->count++;
}

void confusion_enter(struct confusion *c, const char *expected, const char *reported)
{
	int row = index_of(c, expected ? expected : "(none)");
	int column = index_of(c, reported ? reported : "(none)");

	c->cells[row][column]++;
}

/* Columns carry the letters of their rows, so that the names are written once. */
static void print_row(const struct confusion *c, int row)
{
	char line[LINE];
	int column, used;

	used = snprintf(line, sizeof(line), "  %c %-20s", 'a' + row, c->names[row]);
	for (column = 0; column < c->count; column++) {
		if (c->cells[row][column])
			used += snprintf(line + used, sizeof(line) - used, "%3d",
					 c->cells[row][column]);
		else
			used += snprintf(line + used, sizeof(line) - used, "%3s",
					 row == column ? "-" : ".");
	}
	print_message("%s\n", line);
}

static int off_diagonal(const struct confusion *c, int *all)
{
	int row, column, off = 0;

	*all = 0;
	for (row = 0; row < c->count; row++)
		for (column = 0; column < c->count; column++) {
			*all += c->cells[row][column];
			off += row == column ? 0 : c->cells[row][column];
		}
	return off;
}

void confusion_print(struct confusion *c)
{
	int i, all, off = off_diagonal(c, &all), used = 0;
	char line[LINE];

	if (!all)
		return;
	for (i = 0; i < c->count; i++)
		used += snprintf(line + used, sizeof(line) - used, "%3c", 'a' + i);
	print_message("%s, expected (rows) by reported (columns): %d of %d on the diagonal\n",
		      c->title, all - off, all);
	print_message("%24s%s\n", "", line);
	for (i = 0; i < c->count; i++) {
		print_row(c, i);
		free((char *)c->names[i]);
	}
	c->count = 0;
	memset(c->cells, 0, sizeof(c->cells));
}
