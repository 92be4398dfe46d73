// SPDX-License-Identifier: GPL-2.0
/* The command line: arguments, each ended by a line feed. */
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../user/options.h"

#define ARGS_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct tct_options *options)
{
	if (options->command > TCT_CMD_SERVE || options->hist_state >= TCT_STATES ||
	    options->probes > TCT_AUTO || options->types > 0xf)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest = text, *args[ARGS_MAX + 1] = { "tcpclose-trace" };
	struct tct_options options;
	int count = 1;
	bool done;

	memcpy(text, data, size);
	text[size] = '\0';
	while (rest && count < ARGS_MAX)
		args[count++] = strsep(&rest, "\n");
	optind = 0;	/* glibc: from the start, and forget the last call */
	if (!tct_options_parse(count, args, &options, &done) && !done)
		check(&options);
	free(text);
	return 0;
}
