// SPDX-License-Identifier: GPL-2.0
#include "desk.h"

#include <stddef.h>
#include <time.h>
#include "../cmd/signals.h"

void tct_desk_init(struct tct_desk *desk)
{
	pthread_condattr_t attr;

	*desk = (struct tct_desk){ .lock = PTHREAD_MUTEX_INITIALIZER };
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&desk->answered, &attr);
	pthread_condattr_destroy(&attr);
}

void tct_desk_fini(struct tct_desk *desk)
{
	pthread_cond_destroy(&desk->answered);
	pthread_mutex_destroy(&desk->lock);
}

/* Only with the lock; read without it where nothing is done but to look whether there is any. */
static void set_work(struct tct_desk *desk, void (*work)(void *ctx))
{
	__atomic_store_n(&desk->work, work, __ATOMIC_RELEASE);
}

static struct timespec in_ms(int ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000l;
	if (at.tv_nsec >= 1000000000l) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000l;
	}
	return at;
}

bool tct_desk_ask(struct tct_desk *desk, void (*work)(void *ctx), void *ctx, int timeout_ms)
{
	const struct timespec until = in_ms(timeout_ms);
	bool asked, answered;
	int err = 0;

	pthread_mutex_lock(&desk->lock);
	asked = !desk->closed;
	if (asked) {
		desk->ctx = ctx;
		set_work(desk, work);
		tct_signals_wake();
	}
	while (desk->work && !desk->closed && !err)
		err = pthread_cond_timedwait(&desk->answered, &desk->lock, &until);
	answered = asked && !desk->work;
	set_work(desk, NULL);	/* too late: what it would touch is gone */
	pthread_mutex_unlock(&desk->lock);
	return answered;
}

void tct_desk_serve(struct tct_desk *desk)
{
	if (!__atomic_load_n(&desk->work, __ATOMIC_ACQUIRE))
		return;
	pthread_mutex_lock(&desk->lock);
	if (desk->work)
		desk->work(desk->ctx);
	set_work(desk, NULL);
	pthread_cond_signal(&desk->answered);
	pthread_mutex_unlock(&desk->lock);
}

void tct_desk_close(struct tct_desk *desk)
{
	pthread_mutex_lock(&desk->lock);
	desk->closed = true;
	pthread_cond_signal(&desk->answered);
	pthread_mutex_unlock(&desk->lock);
}
