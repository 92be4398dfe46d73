/* SPDX-License-Identifier: GPL-2.0 */
/* A thread beside the one that reads the ring. */
#ifndef TCT_THREAD_H
#define TCT_THREAD_H

#include <pthread.h>

/* All signals are left to the threads that are there already. 0 or a negative errno. */
int tct_thread_start(pthread_t *thread, void *(*run)(void *ctx), void *ctx);

#endif
