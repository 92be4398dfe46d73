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

struct tct_subject tct_subject_of(const struct tct_socket *sock, struct tct_task task)
{
	struct tct_subject who = {
		.cookie = sock->cookie,
		.netns = sock->netns,
		.tuple = { .family = sock->family, .lport = sock->lport, .rport = sock->rport },
		.task = task,
	};

	memcpy(who.tuple.laddr, sock->laddr, sizeof(sock->laddr));
	memcpy(who.tuple.raddr, sock->raddr, sizeof(sock->raddr));
	return who;
}

static bool is_set(const uint8_t address[16])
{
	static const uint8_t any[16];

	return memcmp(address, any, sizeof(any));
}

void tct_socket_learn(struct tct_socket *sock, const struct tct_record_id *id)
{
	sock->netns = id->netns;
	sock->family = id->family;
	if (id->lport)
		sock->lport = id->lport;
	if (id->rport)
		sock->rport = id->rport;
	if (is_set(id->laddr))
		memcpy(sock->laddr, id->laddr, sizeof(sock->laddr));
	if (is_set(id->raddr))
		memcpy(sock->raddr, id->raddr, sizeof(sock->raddr));
}

void tct_socket_set_owner(struct tct_tasks *tasks, struct tct_socket *sock, uint32_t pid,
			  const char *comm, enum tct_owner_source source)
{
	uint32_t owner = tct_tasks_take(tasks, pid, comm);

	tct_tasks_drop(tasks, sock->owner);
	sock->owner = owner;
	sock->source = source;
}
