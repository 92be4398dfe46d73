// SPDX-License-Identifier: GPL-2.0
#include "patience.h"

#include <stdlib.h>
#include <sys/socket.h>

struct tct_waiting {
	struct tct_waiting *next;
	struct tct_waiting *prev;
	uint64_t since_ns;
	int fd;
};

void tct_patience_init(struct tct_patience *patience, uint64_t limit_ns)
{
	*patience = (struct tct_patience){
		.lock = PTHREAD_MUTEX_INITIALIZER, .limit_ns = limit_ns,
	};
}

void tct_patience_fini(struct tct_patience *patience)
{
	pthread_mutex_destroy(&patience->lock);
}

struct tct_waiting *tct_patience_add(struct tct_patience *patience, int fd, uint64_t now_ns)
{
	struct tct_waiting *waiting = malloc(sizeof(*waiting));

	if (!waiting)
		return NULL;
	pthread_mutex_lock(&patience->lock);
	*waiting = (struct tct_waiting){
		.next = patience->first, .since_ns = now_ns, .fd = fd,
	};
	if (waiting->next)
		waiting->next->prev = waiting;
	patience->first = waiting;
	__atomic_add_fetch(&patience->count, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&patience->lock);
	return waiting;
}

void tct_patience_renew(struct tct_patience *patience, struct tct_waiting *waiting,
			uint64_t now_ns)
{
	pthread_mutex_lock(&patience->lock);
	if (waiting)
		waiting->since_ns = now_ns;
	pthread_mutex_unlock(&patience->lock);
}

void tct_patience_remove(struct tct_patience *patience, struct tct_waiting *waiting)
{
	if (!waiting)
		return;
	pthread_mutex_lock(&patience->lock);
	if (waiting->prev)
		waiting->prev->next = waiting->next;
	else
		patience->first = waiting->next;
	if (waiting->next)
		waiting->next->prev = waiting->prev;
	__atomic_sub_fetch(&patience->count, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&patience->lock);
	free(waiting);
}

void tct_patience_tick(struct tct_patience *patience, uint64_t now_ns)
{
	pthread_mutex_lock(&patience->lock);
	for (struct tct_waiting *at = patience->first; at; at = at->next) {
		if (now_ns > at->since_ns + patience->limit_ns)
			shutdown(at->fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&patience->lock);
}
