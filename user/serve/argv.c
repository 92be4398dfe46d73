// SPDX-License-Identifier: GPL-2.0
#include "argv.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* From `text`, which is no blank, to `*out`; returns what follows the word, NULL: a quote is open. */
static const char *take_word(const char *text, char **out)
{
	bool quoted = false;

	for (; *text && (quoted || !is_blank(*text)); text++) {
		if (*text == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && *text == '\\' && (text[1] == '"' || text[1] == '\\'))
			text++;
		*(*out)++ = *text;
	}
	*(*out)++ = '\0';
	return quoted ? NULL : text;
}

static const char *skip_blanks(const char *text)
{
	while (is_blank(*text))
		text++;
	return text;
}

int tct_argv_split(const char *text, char ***out)
{
	size_t most = strlen(text) / 2 + 2;	/* words of one character, and the NULL */
	char **argv = calloc(1, most * sizeof(*argv) + strlen(text) + 1);
	char *at = (char *)(argv + most);
	size_t count = 0;

	if (!argv)
		return -ENOMEM;
	for (text = skip_blanks(text); text && *text; text = text ? skip_blanks(text) : NULL) {
		argv[count++] = at;
		text = take_word(text, &at);
	}
	if (text && count) {
		*out = argv;
		return 0;
	}
	free(argv);
	return -EINVAL;
}
