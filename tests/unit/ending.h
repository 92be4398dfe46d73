/* SPDX-License-Identifier: GPL-2.0 */
/* A connection's last transitions by hand, and how it is then told to have ended. */
#ifndef ENDING_H
#define ENDING_H

#include "../../user/core/teardown.h"

#define RCV_SHUTDOWN 1
#define SEND_SHUTDOWN 2
#define BOTH_SHUTDOWN 3

struct end {
	struct tct_closing closing;
	struct tct_teardown got;
};

/* All written is acknowledged, all received is read; ten segments each way. */
struct tct_record_sock ending_record(enum tct_state from, enum tct_state to);

void ending_expect(const struct end *end, enum tct_kind kind, enum tct_closer closer);

/*
 * Our close, the peer's FIN after `segs` more segments with `bytes` of data in them; ours was
 * sent again `retrans` times.
 */
struct end ending_active(uint32_t segs, uint32_t bytes, uint32_t retrans, uint8_t shutdown);

#endif
