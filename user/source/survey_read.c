// SPDX-License-Identifier: GPL-2.0
/* What a survey's threads read, and keep until it is handed over. */
#include <errno.h>
#include <sched.h>
#include <sys/stat.h>
#include "../core/fsm.h"
#include "clock.h"
#include "netns.h"
#include "sockstat.h"
#include "survey_internal.h"

static bool is_request(const struct tct_record_header *h)
{
	if (h->tag == TCT_REC_FOUND)
		return ((const struct tct_record_found *)h)->sock.to == TCT_NEW_SYN_RECV;
	return h->tag == TCT_REC_PRESENT &&
	       ((const struct tct_record_present *)h)->state == TCT_NEW_SYN_RECV;
}

/* Of an iterator that we wrote: its sizes are right, its contents are judged by who takes it. */
static int keep(struct reader *reader, const struct tct_record_header *h, size_t len)
{
	const struct tct_chunk *chunk = reader->filled.first;
	int err = 0;

	if (!h->size || h->size > len)
		return -EBADMSG;
	if (chunk && chunk->len + h->size > sizeof(chunk->data))
		err = tct_survey_hand_over(reader);
	if (!err)
		err = tct_chunks_add(&reader->filled, h, h->size);
	return err ? err : h->size;
}

static int keep_socket(void *ctx, const void *data, size_t len)
{
	const struct tct_record_header *h = data;
	struct tct_survey *survey = ctx;

	if (is_request(h))
		survey->result.requests++;
	else
		survey->result.sockets++;
	return keep(&survey->readers[READER_SOCKETS], h, len);
}

static int keep_owner(void *ctx, const void *data, size_t len)
{
	struct tct_survey *survey = ctx;

	return keep(&survey->readers[READER_OWNERS], data, len);
}

static bool ends_the_job(int err)
{
	return err == -ENOMEM || err == -ECANCELED || err == -EBADMSG;
}

/* Where it is already it need not have the privilege to go. */
static int enter(int fd, uint32_t inode)
{
	int err = setns(fd, CLONE_NEWNET) ? -errno : 0;
	struct stat here;

	if (err && !stat("/proc/thread-self/ns/net", &here) && here.st_ino == inode)
		return 0;
	return err;
}

/*
 * An iterator looks at all sockets of the host, whosever they are: one that has none is not asked.
 * Some other namespace may be read still when this one could not.
 */
static int read_namespace(void *ctx, int fd, uint32_t inode)
{
	struct tct_survey *survey = ctx;
	static const enum tct_iterator iterators[] = {
		[TCT_SURVEY_FULL] = TCT_ITER_SOCKETS,
		[TCT_SURVEY_STAYS] = TCT_ITER_STAYS,
		[TCT_SURVEY_PRESENT] = TCT_ITER_PRESENT,
	};
	int err = enter(fd, inode);

	if (!err && tct_sockstat_has_tcp())
		err = tct_snapshot_read(survey->snapshot, iterators[survey->job.sockets],
					keep_socket, survey);
	if (!err)
		return tct_inodes_add(&survey->result.namespaces, inode) < 0 ? -ENOMEM : 0;
	if (ends_the_job(err))
		return err;
	survey->result.unread++;
	survey->result.unread_err = err;
	return 0;
}

/* The list's head is none, and what could not be opened any more had its end. */
static int note_listed(struct tct_survey *survey, const struct tct_netns_walk *walk)
{
	size_t count;
	const struct tct_namespace *list = tct_snapshot_namespaces(survey->snapshot, &count);

	for (size_t i = 0; list && i < count; i++) {
		if (!list[i].inode || tct_inodes_has(&walk->ended, list[i].inode))
			continue;
		if (tct_inodes_add(&survey->result.listed, list[i].inode) < 0)
			return -ENOMEM;
	}
	survey->result.lists = list;
	return 0;
}

static int read_all(struct tct_survey *survey)
{
	struct tct_netns_walk walk = {
		.snapshot = survey->snapshot, .visit = read_namespace, .ctx = survey,
	};
	int err = tct_netns_walk(&walk);

	if (walk.err)
		survey->result.unread_err = walk.err;
	survey->result.unread += (uint32_t)tct_netns_unvisited(&walk);
	if (!err)
		err = note_listed(survey, &walk);
	tct_netns_end(&walk);
	return err;
}

int tct_survey_read_sockets(struct tct_survey *survey)
{
	int err = survey->netns_fd ? tct_netns_visit(survey->netns_fd, read_namespace, survey)
				   : read_all(survey);

	survey->result.sockets_ns = tct_clock_mono_ns();
	return err;
}

int tct_survey_read_owners(struct tct_survey *survey)
{
	return tct_snapshot_read(survey->snapshot, TCT_ITER_OWNERS, keep_owner, survey);
}
