/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that own sockets, each kept once for as long as a socket refers to it. */
#ifndef TCT_TASKS_H
#define TCT_TASKS_H

#include <stdbool.h>
#include "../../bpf/record.h"
#include "pool.h"

struct tct_owner {
	uint32_t pid;
	uint32_t refs;
	uint32_t chain;
	char comm[TCT_COMM_LEN];
};

struct tct_tasks {
	struct tct_pool pool;
	uint32_t buckets[1024];
};

void tct_tasks_init(struct tct_tasks *tasks);
void tct_tasks_fini(struct tct_tasks *tasks);

/* Takes a reference; 0 when there is no memory. `comm` need not end in a NUL. */
uint32_t tct_tasks_take(struct tct_tasks *tasks, uint32_t pid, const char *comm);
void tct_tasks_drop(struct tct_tasks *tasks, uint32_t index);

/*
 * After its pool was opened again: forgets all references, takes one for each socket that has it
 * (false when there is no such owner), and then drops those that have none.
 */
void tct_tasks_disown(struct tct_tasks *tasks);
bool tct_tasks_adopt(struct tct_tasks *tasks, uint32_t index);
void tct_tasks_sweep(struct tct_tasks *tasks);

/* NULL for index 0. */
const struct tct_owner *tct_tasks_get(const struct tct_tasks *tasks, uint32_t index);

#endif
