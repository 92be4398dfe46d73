// SPDX-License-Identifier: GPL-2.0
#include "format.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define SECOND 1000000000ll

static int count_digits(uint64_t value)
{
	int digits = 1;

	for (; value >= 10000; value /= 10000)
		digits += 4;
	return digits + (value >= 10) + (value >= 100) + (value >= 1000);
}

char *tct_format_digits(uint64_t value, int count, char *out)
{
	static const char pairs[] =
		"00010203040506070809101112131415161718192021222324"
		"25262728293031323334353637383940414243444546474849"
		"50515253545556575859606162636465666768697071727374"
		"75767778798081828384858687888990919293949596979899";
	int i = count;

	for (; i >= 2; value /= 100) {
		i -= 2;
		memcpy(out + i, pairs + 2 * (value % 100), 2);
	}
	if (i)
		*out = (char)('0' + value % 10);
	return out + count;
}

char *tct_format_u64(uint64_t value, char *out)
{
	return tct_format_digits(value, count_digits(value), out);
}

char *tct_format_i64(int64_t value, char *out)
{
	if (value >= 0)
		return tct_format_u64((uint64_t)value, out);
	*out++ = '-';
	return tct_format_u64(-(uint64_t)value, out);
}

char *tct_format_hex(uint64_t value, char *out)
{
	int shift = 0;

	while (value >> shift > 0xf)
		shift += 4;
	for (; shift >= 0; shift -= 4)
		*out++ = "0123456789abcdef"[value >> shift & 0xf];
	return out;
}

char *tct_format_column(const char *text, size_t width, char *out)
{
	size_t len = strnlen(text, width);

	memset(mempcpy(out, text, len), ' ', width - len);
	return out + width;
}

char *tct_format_right(const char *text, size_t width, char *out)
{
	size_t len = strlen(text), blanks = len < width ? width - len : 0;

	memset(out, ' ', blanks);
	return mempcpy(out + blanks, text, len);
}

/* In `room` characters; without a middle where there are not enough. */
static char *put_cut(const char *text, int len, int room, char *out)
{
	int front = (room - 1) / 2, back = room - 1 - front;

	if (len <= room || room <= 6)
		return mempcpy(out, text, (size_t)len);
	out = mempcpy(out, text, (size_t)front);
	*out++ = '~';
	return mempcpy(out, text + len - back, (size_t)back);
}

char *tct_format_endpoint(const uint8_t *address, uint8_t family, uint16_t port, int width,
			  char out[TCT_ENDPOINT_LEN])
{
	char text[TCT_ADDRESS_LEN], tail[16], *end = tail;
	int len = (int)(tct_format_address(address, family, text) - text), room;
	bool bracket = family == AF_INET6;

	if (bracket)
		*end++ = ']';
	*end++ = ':';
	end = tct_format_u64(port, end);
	*end = '\0';
	room = width ? width - (int)(end - tail) - bracket : len;
	if (bracket)
		*out++ = '[';
	return stpcpy(put_cut(text, len, room, out), tail);
}

/* To the nearest, and to the even one in the middle. */
static uint64_t round_to(int64_t ns, int64_t unit)
{
	return (uint64_t)((ns + unit / 2 - 1 + (ns / unit & 1)) / unit);
}

static void put_short(int64_t ns, char *out)
{
	uint64_t number;

	if (ns < 999500) {
		stpcpy(tct_format_u64(round_to(ns, 1000), out), "us");
	} else if (ns < 999950000) {
		number = round_to(ns, 100000);
		out = tct_format_u64(number / 10, out);
		*out++ = '.';
		stpcpy(tct_format_u64(number % 10, out), "ms");
	} else {
		number = round_to(ns, 10000000);
		out = tct_format_u64(number / 100, out);
		*out++ = '.';
		stpcpy(tct_format_digits(number % 100, 2, out), "s");
	}
}

void tct_format_duration(int64_t ns, char *out, size_t size)
{
	long long whole = ns / SECOND;

	if (ns == TCT_UNKNOWN)
		snprintf(out, size, "-");
	else if (ns < 0)
		snprintf(out, size, "%lldus", (long long)ns / 1000);
	else if (ns < 99995000000)
		put_short(ns, out);
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
