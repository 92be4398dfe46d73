// SPDX-License-Identifier: GPL-2.0
#include "memo.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "subject.h"
#include "shards.h"

#define KEPT (TCT_SOCK_EXACT | TCT_SOCK_SEEDED | TCT_SOCK_MINI | TCT_SOCK_ANNOUNCED | \
	      TCT_SOCK_BORN | TCT_SOCK_LOCAL_PORT | TCT_SOCK_UNTOLD | TCT_SOCK_REPAIRED | \
	      TCT_SOCK_GAP)
#define LOWER_BITS 8

void tct_memo_take(const struct tct_tracker *tracker, const struct tct_socket *sock,
		   struct tct_memo *out)
{
	const struct tct_task task = tct_task_of(&tracker->tasks, sock);
	const struct tct_place *place = tct_mirror_place(&tracker->mirror, sock);

	*out = (struct tct_memo){
		.cookie = sock->cookie,
		.entered_ns = sock->entered_ns,
		.other_ns = sock->seen_ns,
		.netns = place->netns,
		.lport = sock->lport,
		.rport = sock->rport,
		.state = sock->state,
		.family = place->family,
		.flags = (uint8_t)(sock->flags & KEPT),
		.more_flags = (sock->flags & KEPT) >> LOWER_BITS,
		.source = (uint8_t)task.source,
		.rearmed = sock->flags & TCT_SOCK_MINI ? sock->rearmed : 0,
		.pid = task.pid,
	};
	memcpy(out->laddr, place->laddr, sizeof(out->laddr));
	memcpy(out->raddr, sock->raddr, sizeof(out->raddr));
	memcpy(out->comm, task.comm, sizeof(out->comm));
}

static uint32_t flags_of(const struct tct_memo *memo)
{
	return memo->more_flags << LOWER_BITS | memo->flags;
}

static bool is_good(const struct tct_tracker *tracker, const struct tct_memo *memo)
{
	return tracker->mirror.seeding && memo->state > TCT_NONE && memo->state < TCT_STATES &&
	       (memo->family == AF_INET || memo->family == AF_INET6) &&
	       memo->source < TCT_OWNER_SOURCES && !(memo->more_flags >> LOWER_BITS) &&
	       !(flags_of(memo) & ~(uint32_t)KEPT) &&
	       !tct_mirror_find(&tracker->mirror, memo->cookie, memo->flags & TCT_SOCK_MINI);
}

int tct_memo_restore(struct tct_tracker *tracker, const struct tct_memo *memo)
{
	struct tct_socket *sock;

	if (!is_good(tracker, memo))
		return -EBADMSG;
	sock = tct_mirror_add(&tracker->mirror, memo->cookie, memo->flags & TCT_SOCK_MINI);
	if (!sock)
		return -ENOMEM;
	if (!tct_mirror_put(&tracker->mirror, sock, memo->netns, memo->family, memo->laddr)) {
		tct_mirror_remove(&tracker->mirror, sock);
		return -ENOMEM;
	}
	sock->flags |= (uint16_t)flags_of(memo);
	sock->seen_ns = memo->other_ns;
	sock->lport = memo->lport;
	sock->rport = memo->rport;
	sock->rearmed = memo->rearmed;
	memcpy(sock->raddr, memo->raddr, sizeof(sock->raddr));
	if (memo->pid)
		tct_socket_set_owner(&tracker->tasks, sock, memo->pid, memo->comm,
				     (enum tct_owner_source)memo->source);
	tct_mirror_seed(&tracker->mirror, sock, (enum tct_state)memo->state, memo->entered_ns);
	tct_keys_add(&tracker->all->audit.known, memo->netns, false);
	return 0;
}
