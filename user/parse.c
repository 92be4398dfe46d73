// SPDX-License-Identifier: GPL-2.0
#include "parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "core/advice.h"

#define PORT_WORDS (65536 / 64)
#define CENTURY_S 3155760000.0

static int parse_duration(const char *text, size_t len, uint64_t *ns)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = {
		{ "", 1 }, { "s", 1 }, { "ms", 1e-3 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 },
	};
	char copy[32], *unit, *end;
	double value;

	if (!len || len >= sizeof(copy) || !isdigit((unsigned char)*text))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	unit = copy + strspn(copy, "0123456789.");
	value = strtod(copy, &end);
	if (end != unit)	/* two points, an exponent */
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit, units[i].unit))
			continue;
		value *= units[i].seconds;
		if (!(value < CENTURY_S) || value * 1e9 < 1)
			return -EINVAL;
		*ns = (uint64_t)(value * 1e9 + 0.5);
		return 0;
	}
	return -EINVAL;
}

int tct_parse_duration(const char *text, uint64_t *ns)
{
	return parse_duration(text, strlen(text), ns);
}

/* Plain decimal digits up to `stop`; no sign, no blank. */
static int parse_digits(const char **text, uint32_t max, uint32_t *number)
{
	uint64_t value = 0;
	const char *p = *text;

	for (; isdigit((unsigned char)*p); p++) {
		value = 10 * value + (uint64_t)(*p - '0');
		if (value > max)
			return -EINVAL;
	}
	if (p == *text || !value)
		return -EINVAL;
	*text = p;
	*number = (uint32_t)value;
	return 0;
}

int tct_parse_number(const char *text, uint32_t max, uint32_t *number)
{
	uint32_t value;

	if (parse_digits(&text, max, &value) || *text)
		return -EINVAL;
	*number = value;
	return 0;
}

int tct_parse_size(const char *text, uint32_t min, uint32_t max, uint32_t *bytes)
{
	static const struct {
		const char *unit;
		unsigned int shift;
	} units[] = { { "", 0 }, { "K", 10 }, { "M", 20 }, { "G", 30 } };
	uint32_t number;

	if (parse_digits(&text, max, &number))
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t value = (uint64_t)number << units[i].shift;

		if (strcmp(text, units[i].unit))
			continue;
		if (value < min || value > max || value & (value - 1))
			return -EINVAL;
		*bytes = (uint32_t)value;
		return 0;
	}
	return -EINVAL;
}

static int parse_port_range(const char **text, uint64_t *bits)
{
	uint32_t first, last;

	if (parse_digits(text, 65535, &first))
		return -EINVAL;
	last = first;
	if (**text == '-') {
		(*text)++;
		if (parse_digits(text, 65535, &last) || last < first)
			return -EINVAL;
	}
	for (uint32_t port = first; port <= last; port++)
		bits[port / 64] |= 1ull << port % 64;
	return 0;
}

int tct_parse_ports(const char *text, uint64_t *bits)
{
	uint64_t found[PORT_WORDS] = { 0 };

	for (bool more = true; more; text++) {
		if (parse_port_range(&text, found) || (*text && *text != ','))
			return -EINVAL;
		more = *text;
	}
	for (size_t i = 0; i < PORT_WORDS; i++)
		bits[i] |= found[i];
	return 0;
}

int tct_parse_states(const char *text, uint32_t *bits)
{
	uint32_t found = 0;

	while (true) {
		size_t len = strcspn(text, ",");
		enum tct_state state = tct_state_parse(text, len);

		if (state == TCT_NONE)
			return -EINVAL;
		found |= 1u << state;
		if (!text[len])
			break;
		text += len + 1;
	}
	*bits |= found;
	return 0;
}

static bool is_off(const char *text, size_t len)
{
	return (len == 1 && *text == '0') || (len == 3 && !strncmp(text, "off", 3));
}

int tct_parse_thresholds(const char *text, uint64_t threshold_ns[TCT_STATES])
{
	uint64_t found[TCT_STATES];

	memcpy(found, threshold_ns, sizeof(found));
	while (true) {
		size_t len = strcspn(text, ","), name = strcspn(text, "=");
		enum tct_state state;

		if (name >= len)
			return -EINVAL;
		state = tct_state_parse(text, name);
		if (state == TCT_NONE || !tct_stuck_rule(state))
			return -EINVAL;
		if (is_off(text + name + 1, len - name - 1))
			found[state] = 0;
		else if (parse_duration(text + name + 1, len - name - 1, &found[state]))
			return -EINVAL;
		if (!text[len])
			break;
		text += len + 1;
	}
	memcpy(threshold_ns, found, sizeof(found));
	return 0;
}
