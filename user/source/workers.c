// SPDX-License-Identifier: GPL-2.0
#include "workers.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include "privilege.h"
#include "thread.h"

struct worker {
	struct tct_workers *workers;
	unsigned int part;
	pthread_t thread;
};

struct tct_workers {
	tct_workers_fn fn;
	void *ctx;
	pthread_mutex_t lock;
	pthread_cond_t begins;
	pthread_cond_t ended;
	unsigned long round;	/* how often they were asked */
	unsigned int busy;	/* of the present round */
	bool over;
	unsigned int count;	/* that were started */
	struct worker each[];
};

/* Whether there is one more round after `round`. */
static bool wait_for_round(struct tct_workers *workers, unsigned long round)
{
	bool more;

	pthread_mutex_lock(&workers->lock);
	while (workers->round == round && !workers->over)
		pthread_cond_wait(&workers->begins, &workers->lock);
	more = !workers->over;
	pthread_mutex_unlock(&workers->lock);
	return more;
}

static void end_round(struct tct_workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	if (!--workers->busy)
		pthread_cond_signal(&workers->ended);
	pthread_mutex_unlock(&workers->lock);
}

static void *run(void *ctx)
{
	const struct worker *worker = ctx;
	struct tct_workers *workers = worker->workers;

	tct_privilege_renounce(0);
	for (unsigned long round = 0; wait_for_round(workers, round); round++) {
		workers->fn(workers->ctx, worker->part);
		end_round(workers);
	}
	return NULL;
}

struct tct_workers *tct_workers_new(unsigned int parts, tct_workers_fn fn, void *ctx)
{
	struct tct_workers *workers = calloc(1, sizeof(*workers) +
						parts * sizeof(workers->each[0]));
	int err = 0;

	if (!workers)
		return NULL;
	workers->fn = fn;
	workers->ctx = ctx;
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->begins, NULL);
	pthread_cond_init(&workers->ended, NULL);
	while (workers->count < parts - 1 && !err) {
		struct worker *worker = &workers->each[workers->count];

		worker->workers = workers;
		worker->part = workers->count + 1;
		err = tct_thread_start(&worker->thread, run, worker);
		workers->count += !err;
	}
	if (!err)
		return workers;
	tct_workers_free(workers);
	errno = -err;
	return NULL;
}

void tct_workers_free(struct tct_workers *workers)
{
	if (!workers)
		return;
	pthread_mutex_lock(&workers->lock);
	workers->over = true;
	pthread_cond_broadcast(&workers->begins);
	pthread_mutex_unlock(&workers->lock);
	for (unsigned int i = 0; i < workers->count; i++)
		pthread_join(workers->each[i].thread, NULL);
	pthread_cond_destroy(&workers->ended);
	pthread_cond_destroy(&workers->begins);
	pthread_mutex_destroy(&workers->lock);
	free(workers);
}

void tct_workers_run(struct tct_workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->busy = workers->count;
	workers->round++;
	pthread_cond_broadcast(&workers->begins);
	pthread_mutex_unlock(&workers->lock);
	workers->fn(workers->ctx, 0);
	pthread_mutex_lock(&workers->lock);
	while (workers->busy)
		pthread_cond_wait(&workers->ended, &workers->lock);
	pthread_mutex_unlock(&workers->lock);
}
