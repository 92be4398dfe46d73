// SPDX-License-Identifier: GPL-2.0
#include "subject.h"

#include <string.h>

struct tct_task tct_task_of(const struct tct_tasks *tasks, const struct tct_socket *sock)
{
	const struct tct_owner *owner = tct_tasks_get(tasks, sock->owner);
	struct tct_task task = { 0 };

	if (!owner)
		return task;
	task.pid = owner->pid;
	task.source = sock->source;
	memcpy(task.comm, owner->comm, sizeof(task.comm));
	return task;
}

struct tct_subject tct_subject_of(const struct tct_mirror *mirror, const struct tct_socket *sock,
				  struct tct_task task)
{
	const struct tct_place *place = tct_mirror_place(mirror, sock);
	struct tct_subject who = {
		.cookie = sock->cookie,
		.netns = place->netns,
		.tuple = { .family = place->family, .lport = sock->lport, .rport = sock->rport },
		.task = task,
	};

	memcpy(who.tuple.laddr, place->laddr, sizeof(place->laddr));
	memcpy(who.tuple.raddr, sock->raddr, sizeof(sock->raddr));
	return who;
}

static bool is_set(const uint8_t address[16])
{
	static const uint8_t any[16];

	return memcmp(address, any, sizeof(any));
}

bool tct_socket_learn(struct tct_mirror *mirror, struct tct_socket *sock,
		      const struct tct_record_id *id)
{
	const struct tct_place *place = tct_mirror_place(mirror, sock);
	const uint8_t *laddr = is_set(id->laddr) ? id->laddr : place->laddr;

	if (id->lport)
		sock->lport = id->lport;
	if (id->rport)
		sock->rport = id->rport;
	if (is_set(id->raddr))
		memcpy(sock->raddr, id->raddr, sizeof(sock->raddr));
	if (sock->place && place->netns == id->netns && place->family == id->family &&
	    !memcmp(place->laddr, laddr, sizeof(place->laddr)))
		return true;
	return tct_mirror_put(mirror, sock, id->netns, id->family, laddr);
}

void tct_socket_set_owner(struct tct_tasks *tasks, struct tct_socket *sock, uint32_t pid,
			  const char *comm, enum tct_owner_source source)
{
	uint32_t owner = tct_tasks_take(tasks, pid, comm);

	tct_tasks_drop(tasks, sock->owner);
	sock->owner = owner;
	sock->source = source;
}
