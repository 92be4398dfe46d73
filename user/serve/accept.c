// SPDX-License-Identifier: GPL-2.0
#include "accept.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

static size_t trimmed(const char *text, size_t len)
{
	while (len && strchr(BLANKS, text[len - 1]))
		len--;
	return len;
}

/* How well a range names the token: 3 to the letter, 2 its type, 1 all, 0 not. */
static int fit(const char *range, size_t len, const char *token)
{
	size_t type = strcspn(token, "/") + 1;

	if (len == strlen(token) && !strncasecmp(range, token, len))
		return 3;
	if (len == type + 1 && range[type] == '*' && !strncasecmp(range, token, type))
		return 2;
	return (len == 3 && !strncmp(range, "*/*", 3)) || (len == 1 && *range == '*');
}

/* ";q=0.5" among the parameters; 1000 without. */
static int weight_of(const char *parameters, const char *end)
{
	for (const char *at = parameters; at && at < end; at = memchr(at, ';', (size_t)(end - at))) {
		at++;
		at += strspn(at, BLANKS);
		if (at + 2 < end && (*at == 'q' || *at == 'Q') && at[1] == '=') {
			double q = strtod(at + 2, NULL);

			return q <= 0 ? 0 : q >= 1 ? 1000 : (int)(q * 1000);
		}
	}
	return 1000;
}

int tct_accept_weight(const char *header, const char *token)
{
	int best = 0, weight = -1;

	while (header && *header) {
		const char *end = header + strcspn(header, ",");
		size_t range;

		header += strspn(header, BLANKS);
		range = strcspn(header, ",;");
		if (fit(header, trimmed(header, range), token) > best) {
			best = fit(header, trimmed(header, range), token);
			weight = weight_of(header[range] == ';' ? header + range : NULL, end);
		}
		header = *end ? end + 1 : end;
	}
	return weight;
}
