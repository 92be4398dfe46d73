// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drawing.h"

#define MARGIN 9		/* the times, left and right of the rows */
#define ROW_WIDTH 62

static void cut(const char *line, size_t len, char row[ROW_WIDTH + 2])
{
	size_t n = 0;

	for (size_t i = MARGIN; i < len && n < ROW_WIDTH; i++)
		row[n++] = line[i];
	while (n && row[n - 1] == ' ')
		n--;
	row[n++] = '\n';
	row[n] = '\0';
}

void drawing_expect_rows(const char *text, const char *sentence, const char *expected)
{
	const char *end = strstr(text, sentence), *line = text;
	char rows[4096] = "", row[ROW_WIDTH + 2];
	bool inside = false;

	if (!end)
		fail_msg("no '%s' in:\n%s", sentence, text);
	for (; line < end; line += strcspn(line, "\n") + 1) {
		size_t len = strcspn(line, "\n");

		if (!len) {
			inside = false;
		} else if (!strncmp(line, "   AFTER A", 10)) {
			inside = true;
			rows[0] = '\0';
		} else if (inside) {
			cut(line, len, row);
			if (!strstr(row, " so far"))
				strncat(rows, row, sizeof(rows) - strlen(rows) - 1);
		}
	}
	assert_string_equal(rows, expected);
}

void drawing_expect_words(const char *text, const char *words)
{
	char *flat = strdup(text);

	for (char *p = flat; *p; p++) {
		if (*p == '\n')
			*p = ' ';
	}
	if (!strstr(flat, words))
		fail_msg("no '%s' in:\n%s", words, text);
	free(flat);
}
