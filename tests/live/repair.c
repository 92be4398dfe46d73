// SPDX-License-Identifier: GPL-2.0
/* TCP_REPAIR: a reset from a peer whose socket has gone, as a strange or late host sends one. */
#include "fatal.h"
#include "repair.h"

/* linux/tcp.h has these names, and does not go together with netinet/tcp.h. */
#define REPAIR_ON 1
#define REPAIR_OFF_QUIETLY (-1)	/* without a window probe */
#define SEND_QUEUE 2

static int set(int fd, int option, int value)
{
	return setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value));
}

void repair_on(int fd)
{
	if (set(fd, TCP_REPAIR, REPAIR_ON))
		fatal_skip("TCP_REPAIR is not permitted here");
}

uint32_t repair_next_seq(int fd)
{
	uint32_t seq = 0;
	socklen_t size = sizeof(seq);

	repair_on(fd);
	fatal_unless(!set(fd, TCP_REPAIR_QUEUE, SEND_QUEUE), "repair queue");
	fatal_unless(!getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, &seq, &size), "queue seq");
	set(fd, TCP_REPAIR, REPAIR_OFF_QUIETLY);
	return seq;
}

/* In repair mode connect() goes to ESTABLISHED without a segment. */
void repair_send_reset(const struct end *gone, uint32_t seq)
{
	int fd = sockets_bound(gone->laddr, gone->lport, 0);

	repair_on(fd);
	fatal_unless(!set(fd, TCP_REPAIR_QUEUE, SEND_QUEUE), "repair queue");
	fatal_unless(!set(fd, TCP_QUEUE_SEQ, seq), "queue seq");
	fatal_unless(!sockets_connect(fd, gone->raddr, gone->rport), "repair connect");
	set(fd, TCP_REPAIR, REPAIR_OFF_QUIETLY);
	sockets_abort(fd);
}
