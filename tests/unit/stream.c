// SPDX-License-Identifier: GPL-2.0
#include "stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "test.h"

#define FUNCTION_SIZE 0x100
#define FUNCTION_STEP 0x1000
#define BOTH_SHUTDOWN 3

void stream_symbols(struct tct_end_symbol *symbols)
{
	for (size_t i = 0; tct_end_symbol_name(i); i++) {
		symbols[i].start = (i + 1) * FUNCTION_STEP;
		symbols[i].stop = symbols[i].start + FUNCTION_SIZE;
	}
}

uint64_t stream_frame(const char *symbol)
{
	for (size_t i = 0; tct_end_symbol_name(i); i++) {
		if (!strcmp(tct_end_symbol_name(i), symbol))
			return (i + 1) * FUNCTION_STEP + FUNCTION_SIZE / 2;
	}
	fail_msg("no end reason is known for %s()", symbol);
	return 0;
}

struct stream *stream_new(const struct tct_tracker_config *config)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	struct tct_tracker_config own = { 0 };

	assert_non_null(stream);
	if (config)
		own = *config;
	else
		tct_stuck_defaults(&own.stuck);
	stream_symbols(own.end_symbols);
	recorder_init(&stream->recorder, &stream->sink);
	assert_int_equal(tct_shards_init(&stream->shards, &own, 1, &stream->sink), 0);
	return stream;
}

void stream_free(struct stream *stream)
{
	tct_shards_fini(&stream->shards);
	recorder_fini(&stream->recorder);
	free(stream);
}

const char *stream_take(struct stream *stream)
{
	tct_shards_join(&stream->shards);
	return recorder_take(&stream->recorder);
}

int stream_setup(void **state)
{
	*state = stream_new(NULL);
	return 0;
}

int stream_teardown(void **state)
{
	stream_free(*state);
	return 0;
}

static void fill_id(struct tct_record_id *id, uint64_t cookie, uint64_t time_ns)
{
	static const uint8_t laddr[] = { 10, 0, 0, 1 }, raddr[] = { 10, 0, 0, 2 };

	*id = (struct tct_record_id){ .time_ns = time_ns, .cookie = cookie, .netns = 1,
				      .lport = 40000, .rport = 80, .family = AF_INET };
	memcpy(id->laddr, laddr, sizeof(laddr));
	memcpy(id->raddr, raddr, sizeof(raddr));
}

static struct tct_record_header header(enum tct_record_tag tag, size_t size)
{
	return (struct tct_record_header){ .size = (uint16_t)size, .tag = tag,
					   .version = TCT_RECORD_VERSION };
}

struct tct_record_sock stream_state(uint64_t cookie, enum tct_state from, enum tct_state to,
				    uint64_t time_ns)
{
	struct tct_record_sock rec = { .h = header(TCT_REC_STATE, sizeof(rec)),
				       .from = from, .to = to };

	fill_id(&rec.id, cookie, time_ns);
	return rec;
}

struct tct_record_sock stream_sock(uint64_t cookie, enum tct_state state, uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(cookie, state, state, time_ns);

	rec.h.tag = TCT_REC_SOCK;
	return rec;
}

struct tct_record_found stream_found(uint64_t cookie, enum tct_state state, uint64_t time_ns)
{
	struct tct_record_found rec = { .sock = stream_sock(cookie, state, time_ns),
					.snd_wnd = 65535 };

	rec.sock.h.tag = TCT_REC_FOUND;
	rec.sock.h.size = sizeof(rec);
	return rec;
}

struct tct_record_tw stream_tw(enum tct_record_tag tag, uint64_t cookie, enum tct_state substate,
			       uint64_t time_ns)
{
	struct tct_record_tw rec = { .h = header(tag, sizeof(rec)), .substate = substate };

	fill_id(&rec.id, cookie, time_ns);
	return rec;
}

struct tct_record_tw_cancel stream_cancel(uint64_t cookie, enum tct_state substate,
					  uint64_t time_ns, const char *symbol)
{
	struct tct_record_tw_cancel rec = {
		.tw = stream_tw(TCT_REC_TW_CANCEL, cookie, substate, time_ns)
	};

	rec.tw.h.size = sizeof(rec);
	if (symbol)
		rec.stack[0] = stream_frame(symbol);
	return rec;
}

struct tct_record_owner stream_owner(uint64_t cookie, uint32_t pid, uint32_t fd, const char *comm)
{
	struct tct_record_owner rec = { .h = header(TCT_REC_OWNER, sizeof(rec)), .pid = pid,
					.fd = fd, .cookie = cookie };

	memcpy(rec.comm, comm, strnlen(comm, sizeof(rec.comm) - 1));
	return rec;
}

void stream_by(struct tct_record_sock *rec, uint32_t pid, const char *comm)
{
	rec->flags |= TCT_SOCK_TASK;
	rec->pid = pid;
	memcpy(rec->comm, comm, strnlen(comm, sizeof(rec->comm) - 1));
}

void stream_feed(struct stream *stream, const void *rec)
{
	const struct tct_record_header *h = rec;

	assert_int_equal(tct_shards_feed(&stream->shards, rec, h->size), h->size);
	tct_shards_join(&stream->shards);
}

void stream_move(struct stream *stream, uint64_t cookie, enum tct_state from, enum tct_state to,
		 uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(cookie, from, to, time_ns);

	stream_feed(stream, &rec);
}

void stream_scan(struct stream *stream, uint64_t time_ns, const struct tct_record_owner *owners,
		 size_t count)
{
	tct_shards_scan_begin(&stream->shards, time_ns);
	for (size_t i = 0; i < count; i++)
		stream_feed(stream, &owners[i]);
	tct_shards_scan_end(&stream->shards, time_ns);
}

void stream_seed(struct stream *stream, uint64_t cookie, enum tct_state state, uint64_t time_ns)
{
	struct tct_record_sock rec = stream_sock(cookie, state, time_ns);

	stream_feed(stream, &rec);
}

void stream_connect_at_100(struct stream *stream, uint64_t cookie)
{
	struct tct_record_sock rec = stream_state(cookie, TCT_CLOSE, TCT_SYN_SENT, 100);

	rec.id.lport = 0;
	stream_by(&rec, 42, "curl");
	stream_feed(stream, &rec);
	stream_move(stream, cookie, TCT_SYN_SENT, TCT_ESTABLISHED, 110);
}

void stream_close_at_200(struct stream *stream, uint64_t cookie)
{
	struct tct_record_sock rec = stream_state(cookie, TCT_ESTABLISHED, TCT_FIN_WAIT1, 200);

	rec.shutdown = BOTH_SHUTDOWN;
	stream_by(&rec, 42, "curl");
	stream_feed(stream, &rec);
	stream_move(stream, cookie, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 210);
}

void stream_hand_over(struct stream *stream, uint64_t cookie, enum tct_state substate,
		      uint64_t time_ns)
{
	struct tct_record_tw tw = stream_tw(TCT_REC_TW_START, cookie, substate, time_ns);
	struct tct_record_sock rec = stream_state(cookie, TCT_FIN_WAIT2, TCT_CLOSE, time_ns + 1);

	rec.segs_in = 1;	/* the FIN came in a segment of its own */
	stream_feed(stream, &tw);
	stream_feed(stream, &rec);
}

void stream_start(struct stream *stream, uint64_t cookie, enum tct_state substate,
		  uint64_t time_ns)
{
	struct tct_record_tw rec = stream_tw(TCT_REC_TW_START, cookie, substate, time_ns);

	stream_feed(stream, &rec);
}

void stream_end(struct stream *stream, uint64_t cookie, enum tct_state substate, uint64_t time_ns,
		const char *symbol)
{
	struct tct_record_tw_cancel rec = stream_cancel(cookie, substate, time_ns, symbol);

	stream_feed(stream, &rec);
}

void stream_expect_empty(const struct stream *stream)
{
	const struct tct_tracker *tracker = stream->shards.shard;

	assert_int_equal(tracker->mirror.pool.live, 0);
	assert_int_equal(tracker->tasks.pool.live, 0);
	assert_int_equal(tracker->closings.live, 0);
	for (int s = 0; s < TCT_STATES; s++)
		assert_int_equal(tracker->mirror.by_state[s], 0);
}

void stream_mismatch(struct stream *stream, uint64_t cookie)
{
	stream_move(stream, cookie, TCT_SYN_SENT, TCT_ESTABLISHED, 110);
	stream_move(stream, cookie, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 210);
}

struct tct_record_step stream_step(uint64_t cookie, enum tct_state from, enum tct_state to,
				   uint64_t time_ns)
{
	return (struct tct_record_step){
		.h = { .size = sizeof(struct tct_record_step), .tag = TCT_REC_STEP,
		       .version = TCT_RECORD_VERSION },
		.from = from,
		.to = to,
		.family = AF_INET,
		.time_ns = time_ns,
		.cookie = cookie,
		.netns = 1,
		.lport = 40000,
		.rport = 80,
	};
}
