// SPDX-License-Identifier: GPL-2.0
#include "auditing.h"

#include "test.h"

#define NETNS 1

struct stream *auditing_new(const struct tct_tracker_config *config)
{
	struct stream *stream = stream_new(config);

	tct_shards_scan_begin(&stream->shards, 1);
	tct_shards_scan_namespace(&stream->shards, NETNS);
	assert_int_equal(tct_shards_seeded(&stream->shards), 0);
	return stream;
}

int auditing_setup(void **state)
{
	*state = auditing_new(NULL);
	return 0;
}

static void feed(struct stream *stream, const void *rec)
{
	const struct tct_record_header *h = rec;

	assert_int_equal(tct_audit_feed(&stream->shards, rec, h->size), h->size);
}

static void present(struct stream *stream, uint64_t cookie, enum tct_state state, uint8_t flags)
{
	const struct tct_record_present rec = {
		.h = { .size = sizeof(rec), .tag = TCT_REC_PRESENT,
		       .version = TCT_RECORD_VERSION },
		.state = state, .flags = flags, .time_ns = AUDIT_READ, .cookie = cookie,
		.address = 0xffff888000000000ull + cookie, .netns = NETNS,
	};

	feed(stream, &rec);
}

void auditing_present(struct stream *stream, uint64_t cookie, enum tct_state state)
{
	present(stream, cookie, state, 0);
}

void auditing_present_mini(struct stream *stream, uint64_t cookie, enum tct_state substate)
{
	present(stream, cookie, substate, TCT_PRESENT_MINI);
}

void auditing_found(struct stream *stream, uint64_t cookie, enum tct_state state)
{
	const struct tct_record_found rec = stream_found(cookie, state, AUDIT_AGAIN);

	feed(stream, &rec);
}

void auditing_found_mini(struct stream *stream, uint64_t cookie, enum tct_state substate)
{
	const struct tct_record_tw rec = stream_tw(TCT_REC_TW_SOCK, cookie, substate, AUDIT_AGAIN);

	feed(stream, &rec);
}

void auditing_begin(struct stream *stream)
{
	tct_audit_begin(&stream->shards, AUDIT_AT, false);
	tct_audit_namespace(&stream->shards, NETNS);
}

void auditing_swept(struct stream *stream)
{
	while (tct_audit_sweep(&stream->shards, true, 100))
		;
}

size_t auditing_suspects(const struct stream *stream)
{
	struct tct_suspect suspect;
	size_t at = 0, count = 0;

	while (tct_audit_suspect(&stream->shards, &at, &suspect))
		count++;
	return count;
}

void auditing_again(struct stream *stream)
{
	assert_true(tct_audit_again_at(&stream->shards) <= AUDIT_AGAIN);
	tct_audit_again(&stream->shards);
	tct_audit_namespace(&stream->shards, NETNS);
}

void auditing_settle(struct stream *stream)
{
	while (tct_audit_settle(&stream->shards, AUDIT_END, true, 1))
		;
	assert_false(tct_audit_is_under_way(&stream->shards));
}
