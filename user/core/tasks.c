// SPDX-License-Identifier: GPL-2.0
#include "tasks.h"

#include <string.h>

#define BUCKETS 1024

void tct_tasks_init(struct tct_tasks *tasks)
{
	memset(tasks, 0, sizeof(*tasks));
	tct_pool_init(&tasks->pool, sizeof(struct tct_owner));
}

void tct_tasks_fini(struct tct_tasks *tasks)
{
	tct_pool_fini(&tasks->pool);
}

static struct tct_owner *owner_at(const struct tct_tasks *tasks, uint32_t index)
{
	return tct_pool_get(&tasks->pool, index);
}

const struct tct_owner *tct_tasks_get(const struct tct_tasks *tasks, uint32_t index)
{
	return owner_at(tasks, index);
}

static uint32_t find(const struct tct_tasks *tasks, uint32_t pid, const char *comm)
{
	uint32_t index = tasks->buckets[pid % BUCKETS];

	for (; index; index = owner_at(tasks, index)->chain) {
		const struct tct_owner *owner = owner_at(tasks, index);

		if (owner->pid == pid && !strncmp(owner->comm, comm, TCT_COMM_LEN - 1))
			return index;
	}
	return 0;
}

uint32_t tct_tasks_take(struct tct_tasks *tasks, uint32_t pid, const char *comm)
{
	uint32_t index = find(tasks, pid, comm);
	struct tct_owner *owner;

	if (!index) {
		index = tct_pool_alloc(&tasks->pool);
		if (!index)
			return 0;
		owner = owner_at(tasks, index);
		owner->pid = pid;
		memcpy(owner->comm, comm, TCT_COMM_LEN - 1);
		owner->chain = tasks->buckets[pid % BUCKETS];
		tasks->buckets[pid % BUCKETS] = index;
	}
	owner_at(tasks, index)->refs++;
	return index;
}

bool tct_tasks_adopt(struct tct_tasks *tasks, uint32_t index)
{
	struct tct_owner *owner;

	if (!index || index >= tasks->pool.used)
		return false;
	owner = owner_at(tasks, index);
	if (owner->refs++)
		return true;
	tct_pool_adopt(&tasks->pool);
	owner->comm[TCT_COMM_LEN - 1] = '\0';
	owner->chain = tasks->buckets[owner->pid % BUCKETS];
	tasks->buckets[owner->pid % BUCKETS] = index;
	return true;
}

void tct_tasks_disown(struct tct_tasks *tasks)
{
	for (uint32_t i = 1; i < tasks->pool.used; i++)
		owner_at(tasks, i)->refs = 0;
}

void tct_tasks_sweep(struct tct_tasks *tasks)
{
	for (uint32_t i = tasks->pool.used - 1; i > 0; i--) {
		if (!owner_at(tasks, i)->refs)
			tct_pool_drop(&tasks->pool, i);
	}
}

void tct_tasks_drop(struct tct_tasks *tasks, uint32_t index)
{
	struct tct_owner *owner = owner_at(tasks, index);
	uint32_t *link;

	if (!owner || --owner->refs)
		return;
	link = &tasks->buckets[owner->pid % BUCKETS];
	while (*link != index)
		link = &owner_at(tasks, *link)->chain;
	*link = owner->chain;
	tct_pool_free(&tasks->pool, index);
}
