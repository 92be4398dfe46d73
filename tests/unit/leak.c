// SPDX-License-Identifier: GPL-2.0
#include "leak.h"

void leak_enter(struct stream *stream, uint64_t cookie, uint16_t lport, uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(cookie, TCT_LISTEN, TCT_SYN_RECV, time_ns - 2);

	rec.id.lport = lport;
	stream_feed(stream, &rec);
	rec = stream_state(cookie, TCT_SYN_RECV, TCT_ESTABLISHED, time_ns - 1);
	rec.id.lport = lport;
	stream_feed(stream, &rec);
	rec = stream_state(cookie, TCT_ESTABLISHED, TCT_CLOSE_WAIT, time_ns);
	rec.id.lport = lport;
	stream_feed(stream, &rec);
	recorder_take(&stream->recorder);
}

void leak_close(struct stream *stream, uint64_t cookie, uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(cookie, TCT_CLOSE_WAIT, TCT_LAST_ACK, time_ns);

	rec.id.lport = 80;
	stream_feed(stream, &rec);
}

void leak_owners(struct stream *stream, uint64_t first, uint64_t last, uint64_t time_ns)
{
	for (uint64_t cookie = first; cookie <= last; cookie++) {
		struct tct_record_owner rec = stream_owner(cookie, 42,
							   (uint32_t)(cookie - first) + 5, "leaky");

		stream_feed(stream, &rec);
	}
	tct_shards_scan_end(&stream->shards, time_ns);
}

void leak_scan(struct stream *stream, uint64_t first, uint64_t last, uint64_t time_ns)
{
	tct_shards_scan_begin(&stream->shards, time_ns);
	leak_owners(stream, first, last, time_ns);
}
