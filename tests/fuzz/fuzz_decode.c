// SPDX-License-Identifier: GPL-2.0
/* Bytes as they could come from a ring or a file, right or wrong: into the decoder and the core. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../user/core/shards.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct tct_sink sink = { 0 };
	struct tct_tracker_config config = { .hz = 250 };
	struct tct_shards shards;
	size_t at = 0;
	int got = 0;

	tct_stuck_defaults(&config.stuck);
	if (tct_shards_init(&shards, &config, 1, &sink))
		return 0;
	while (got >= 0 && at < size) {
		size_t left = size - at;
		uint8_t *copy = malloc(left);	/* whose end ASan watches */

		memcpy(copy, data + at, left);
		got = tct_shards_feed(&shards, copy, left);
		free(copy);
		if (got > (int)left)
			abort();
		at += got > 0 ? (size_t)got : 0;
	}
	tct_shards_flush(&shards);
	tct_shards_fini(&shards);
	return 0;
}
