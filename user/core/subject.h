/* SPDX-License-Identifier: GPL-2.0 */
/* Who an event is about, taken from a mirrored socket or from a record. */
#ifndef TCT_SUBJECT_H
#define TCT_SUBJECT_H

#include "event.h"
#include "mirror.h"
#include "tasks.h"

/* The owner's pid, comm and where they are known from. */
struct tct_task tct_task_of(const struct tct_tasks *tasks, const struct tct_socket *sock);

struct tct_subject tct_subject_of(const struct tct_mirror *mirror, const struct tct_socket *sock,
				  struct tct_task task);

/*
 * The tuple is remembered by the mirror; a record fills in what was not chosen before. False: there
 * is no memory for where it is.
 */
bool tct_socket_learn(struct tct_mirror *mirror, struct tct_socket *sock,
		      const struct tct_record_id *id);

/* Takes over the owner reference of another mirrored socket. */
void tct_socket_set_owner(struct tct_tasks *tasks, struct tct_socket *sock, uint32_t pid,
			  const char *comm, enum tct_owner_source source);

#endif
