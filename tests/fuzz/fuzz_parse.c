// SPDX-License-Identifier: GPL-2.0
/* Every parser of text that a user gives: the first byte tells which. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../user/core/pick.h"
#include "../../user/parse.h"
#include "../../user/source/hooks.h"

#define PARSERS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse_one(int which, const char *text)
{
	static uint64_t ports[65536 / 64];
	uint64_t threshold_ns[TCT_STATES] = { 0 }, ns = 0;
	uint32_t number = 0;
	struct tct_pick pick;
	enum tct_provider provider;

	switch (which) {
	case 0:
		if (!tct_parse_duration(text, &ns) && !ns)
			abort();
		break;
	case 1:
		if (!tct_parse_number(text, 1000, &number) && (!number || number > 1000))
			abort();
		break;
	case 2:
		if (!tct_parse_size(text, 4096, 1u << 30, &number) && number & (number - 1))
			abort();
		break;
	case 3:
		if (!tct_parse_ports(text, ports) && ports[0] & 1)
			abort();
		break;
	case 4:
		if (!tct_parse_states(text, &number) && (!number || number >> TCT_STATES))
			abort();
		break;
	case 5:
		tct_parse_thresholds(text, threshold_ns);
		break;
	case 6:
		tct_pick_parse(text, &pick);
		break;
	case 7:
		tct_provider_parse(text, &provider);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	parse_one(data[0] % PARSERS, text);
	free(text);
	return 0;
}
