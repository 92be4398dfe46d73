// SPDX-License-Identifier: GPL-2.0
#include "ending.h"

#include "stream.h"
#include "test.h"

struct tct_record_sock ending_record(enum tct_state from, enum tct_state to)
{
	struct tct_record_sock rec = stream_state(7, from, to, 100);

	rec.snd_una = rec.snd_nxt = rec.write_seq = 1000;
	rec.rcv_nxt = rec.copied_seq = 5000;
	rec.segs_in = rec.segs_out = 10;
	return rec;
}

void ending_expect(const struct end *end, enum tct_kind kind, enum tct_closer closer)
{
	assert_string_equal(tct_kind_name(end->got.kind), tct_kind_name(kind));
	assert_string_equal(tct_closer_name(end->got.closer), tct_closer_name(closer));
}

struct end ending_active(uint32_t segs, uint32_t bytes, uint32_t retrans, uint8_t shutdown)
{
	struct tct_record_sock rec = ending_record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
	struct end end;

	tct_closing_init(&end.closing);
	rec.shutdown = shutdown;
	rec.total_retrans = 3;
	tct_closing_step(&end.closing, &rec, 900);
	rec.from = TCT_FIN_WAIT1;
	rec.to = TCT_FIN_WAIT2;
	rec.total_retrans += retrans;
	tct_closing_step(&end.closing, &rec, 20);
	rec.from = TCT_FIN_WAIT2;
	rec.to = TCT_CLOSE;
	rec.segs_in += segs;
	rec.rcv_nxt += bytes + 1;
	rec.bytes_received += bytes + 1;	/* the FIN counts as one */
	rec.flags = TCT_SOCK_FIN;
	tct_closing_step(&end.closing, &rec, 30);
	tct_teardown_make(&end.closing, &rec, TCT_TIME_WAIT, TCT_RESET_UNKNOWN, &end.got);
	return end;
}
