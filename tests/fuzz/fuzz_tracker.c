// SPDX-License-Identifier: GPL-2.0
/* The core by whole records, in any order, with everything that a run does between them. */
#include <stdint.h>
#include <stdlib.h>
#include "../../user/core/shards.h"
#include "outlet.h"
#include "records.h"

#define MILLISECOND 1000000ull

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	struct tct_shards shards;
	struct outlet outlet;
	uint64_t now_ns;
};

/* Beyond the tags of the records. */
enum { SCAN = 16, FAILED, SEEDED, TICK, SETTLE, LOSS, JUDGE, WAIT, DOINGS };

static void feed(struct run *run, uint8_t choice, struct bytes *bytes)
{
	union record rec;

	run->now_ns += bytes_number(bytes) * MILLISECOND / 16;
	records_make(&rec, choice, bytes, run->now_ns);
	if (tct_shards_feed(&run->shards, &rec, rec.h.size) != rec.h.size)
		abort();
}

static void scan(struct run *run, struct bytes *bytes, bool good)
{
	uint8_t count = bytes_u8(bytes) & 7;

	tct_shards_join(&run->shards);
	tct_shards_scan_begin(&run->shards, run->now_ns);
	for (int i = 0; i < count; i++)
		feed(run, bytes_u8(bytes) & 1 ? TCT_REC_OWNER - 1 : TCT_REC_FOUND - 1, bytes);
	tct_shards_join(&run->shards);
	if (good)
		tct_shards_scan_end(&run->shards, run->now_ns);
	else
		tct_shards_scan_failed(&run->shards, run->now_ns);
}

static void act(struct run *run, uint8_t choice, struct bytes *bytes)
{
	switch (choice) {
	case SCAN:
		scan(run, bytes, true);
		break;
	case FAILED:
		scan(run, bytes, false);
		break;
	case SEEDED:
		if (run->shards.shard[0].mirror.seeding && tct_shards_seeded(&run->shards))
			abort();
		break;
	case TICK:
		tct_shards_join(&run->shards);
		tct_shards_tick(&run->shards, run->now_ns);
		break;
	case SETTLE:
		tct_shards_settle(&run->shards, run->now_ns);
		outlet_settle(&run->outlet, run->now_ns);
		break;
	case LOSS:
		tct_shards_loss(&run->shards, bytes_u8(bytes) % TCT_LOSS_PLACES,
				 bytes_number(bytes), run->now_ns);
		break;
	case JUDGE:
		tct_shards_judge(&run->shards, run->now_ns);
		break;
	case WAIT:
		run->now_ns += bytes_number(bytes) * 1000 * MILLISECOND;
		break;
	default:
		feed(run, choice, bytes);
	}
}

static void check(const struct tct_shards *shards)
{
	uint32_t sum = 0;

	for (int s = 0; s < TCT_STATES; s++)
		sum += tct_shards_in_state(shards, s);
	if (sum != tct_shards_mirrored(shards))
		abort();
}

static void configure(struct tct_tracker_config *config, uint8_t choice)
{
	tct_stuck_defaults(&config->stuck);
	config->hz = choice & 1 ? 250 : 0;
	config->cookieless = choice & 2;
	config->sees_resets = choice & 4;
	config->sees_segments = choice & 8;
	config->minis_need_socket = choice & 16;
	config->stuck.once = choice & 32;
	for (size_t i = 0; tct_end_symbol_name(i); i++) {
		config->end_symbols[i].start = (i + 1) * 0x1000;
		config->end_symbols[i].stop = config->end_symbols[i].start + 0x100;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = { data, size };
	struct tct_tracker_config config = { 0 };
	struct run run = { .now_ns = 1000000 * MILLISECOND };
	struct tct_summary summary;
	uint8_t choice = bytes_u8(&bytes);

	configure(&config, choice);
	outlet_init(&run.outlet, bytes_u8(&bytes));
	if (tct_shards_init(&run.shards, &config, choice & 64 ? 4 : 1, &run.outlet.sink))
		abort();
	while (bytes.left) {
		act(&run, bytes_u8(&bytes) % DOINGS, &bytes);
		check(&run.shards);
	}
	tct_shards_flush(&run.shards);
	tct_shards_join(&run.shards);
	tct_shards_summary(&run.shards, run.now_ns, &summary);
	tct_shards_fini(&run.shards);
	outlet_fini(&run.outlet, run.now_ns);
	return 0;
}
