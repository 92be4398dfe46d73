// SPDX-License-Identifier: GPL-2.0
/* Addresses, by hand: a busy host's output has two in each line. */
#include "format.h"

#include <string.h>
#include <sys/socket.h>

#define WORDS 8

struct run {
	int first;
	int length;
};

static char *put_ipv4(const uint8_t *address, char *out)
{
	for (int i = 0; i < 4; i++) {
		if (i)
			*out++ = '.';
		out = tct_format_u64(address[i], out);
	}
	return out;
}

/* Of two or more, the first of the longest ones. */
static struct run find_zeros(const unsigned int words[WORDS])
{
	struct run best = { .first = WORDS };

	for (int i = 0, length; i < WORDS; i += length + 1) {
		for (length = 0; i + length < WORDS && !words[i + length];)
			length++;
		if (length > 1 && length > best.length)
			best = (struct run){ .first = i, .length = length };
	}
	return best;
}

/* As inet_ntop(3) writes it, which is RFC 5952's way. */
static char *put_ipv6(const uint8_t *address, char *out)
{
	unsigned int words[WORDS];
	struct run zeros;
	bool holds_ipv4;

	for (int i = 0; i < WORDS; i++)
		words[i] = (unsigned int)address[2 * i] << 8 | address[2 * i + 1];
	zeros = find_zeros(words);
	holds_ipv4 = !zeros.first &&
		     (zeros.length == 6 || (zeros.length == 5 && words[5] == 0xffff));
	for (int i = 0; i < WORDS; i++) {
		if (i == zeros.first) {
			*out++ = ':';
			i += zeros.length;
			if (i == WORDS)
				*out++ = ':';
		}
		if (i == WORDS)
			break;
		if (i)
			*out++ = ':';
		if (i == 6 && holds_ipv4)
			return put_ipv4(address + 12, out);
		out = tct_format_hex(words[i], out);
	}
	return out;
}

char *tct_format_address(const uint8_t *address, uint8_t family, char out[TCT_ADDRESS_LEN])
{
	char *end;

	if (family == AF_INET)
		end = put_ipv4(address, out);
	else if (family == AF_INET6)
		end = put_ipv6(address, out);
	else
		end = stpcpy(out, "?");
	*end = '\0';
	return end;
}
