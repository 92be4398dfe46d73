// SPDX-License-Identifier: GPL-2.0
#include "format.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#define SECOND 1000000000ll

void tct_format_address(const uint8_t *address, uint8_t family, char out[TCT_ADDRESS_LEN])
{
	if (!inet_ntop(family, address, out, TCT_ADDRESS_LEN))
		snprintf(out, TCT_ADDRESS_LEN, "?");
}

void tct_format_endpoint(const uint8_t *address, uint8_t family, uint16_t port, int width,
			 char out[TCT_ENDPOINT_LEN])
{
	char text[TCT_ADDRESS_LEN], tail[16];
	int room, len;

	tct_format_address(address, family, text);
	snprintf(tail, sizeof(tail), family == AF_INET6 ? "]:%u" : ":%u", port);
	room = width - (int)strlen(tail) - (family == AF_INET6);
	len = (int)strlen(text);
	if (width && len > room && room > 6)
		snprintf(out, TCT_ENDPOINT_LEN, "%s%.*s~%s%s", family == AF_INET6 ? "[" : "",
			 (room - 1) / 2, text, text + len - (room - 1 - (room - 1) / 2), tail);
	else
		snprintf(out, TCT_ENDPOINT_LEN, "%s%s%s", family == AF_INET6 ? "[" : "", text,
			 tail);
}

void tct_format_duration(int64_t ns, char *out, size_t size)
{
	double seconds = (double)ns / SECOND;
	long long whole = ns / SECOND;

	if (ns == TCT_UNKNOWN)
		snprintf(out, size, "-");
	else if (seconds < 0.0009995)
		snprintf(out, size, "%.0fus", seconds * 1e6);
	else if (seconds < 0.99995)
		snprintf(out, size, "%.1fms", seconds * 1e3);
	else if (seconds < 99.995)
		snprintf(out, size, "%.2fs", seconds);
	else if (whole < 3600)
		snprintf(out, size, "%lldm%02llds", whole / 60, whole % 60);
	else if (whole < 100 * 3600)
		snprintf(out, size, "%lldh%02lldm", whole / 3600, whole / 60 % 60);
	else if (whole < 1000 * 86400ll)
		snprintf(out, size, "%lldd%02lldh", whole / 86400, whole / 3600 % 24);
	else
		snprintf(out, size, "%lldd", whole / 86400);
}

void tct_format_rfc3339(uint64_t real_ns, char *out, size_t size)
{
	time_t seconds = (time_t)(real_ns / SECOND);
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + len, size - len, ".%09lluZ", (unsigned long long)(real_ns % SECOND));
}

/* How much of a word fits in `room`: a list too long for a line is broken behind a comma. */
static int breakable(const char *word, int len, int room)
{
	int fits = room;

	if (len <= room)
		return len;
	while (fits > 0 && word[fits - 1] != ',')
		fits--;
	return fits > 0 ? fits : len;
}

void tct_format_wrap(FILE *out, const char *text, int column, int indent, int width)
{
	bool empty = !column;

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		int len = (int)strcspn(text, " ");

		if (!empty && column + 1 + len > width) {
			fputc('\n', out);
			empty = true;
		}
		column = empty ? fprintf(out, "%*s", indent, "") : column + fprintf(out, " ");
		len = breakable(text, len, width - column);
		column += fprintf(out, "%.*s", len, text);
		text += len;
		empty = text[-1] == ',' && *text && *text != ' ';
		if (empty)
			fputc('\n', out);
	}
	if (column)
		fputc('\n', out);
}

void tct_format_plain(const char *text, char *out, size_t size)
{
	size_t i = 0;

	for (; text[i] && i + 1 < size; i++)
		out[i] = text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?';
	out[i] = '\0';
}
