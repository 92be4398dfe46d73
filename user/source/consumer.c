// SPDX-License-Identifier: GPL-2.0
#include "consumer.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HELD_SHARE 4	/* of the ring, at most */
#define FORESEEN 16	/* records */
/* Bytes: what is read in turn is fetched so far ahead of where its headers are looked at. */
#define FETCHED 1024
#define LINE 64
/* Of the ring: so much is read before the kernel is told, each time from its processor's cache. */
#define TOLD_SHARE 64

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* The data is mapped twice in a row, so that no record is torn at the end. */
int tct_consumer_open(struct tct_consumer *consumer, int map_fd)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	size_t page = page_size();
	char *at;

	*consumer = (struct tct_consumer){ 0 };
	if (bpf_obj_get_info_by_fd(map_fd, &info, &len))
		return -errno;
	consumer->size = info.max_entries;
	at = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	consumer->consumed = (void *)at;
	at = mmap(NULL, page + 2 * consumer->size, PROT_READ, MAP_SHARED, map_fd, (off_t)page);
	if (at == MAP_FAILED) {
		int err = -errno;

		tct_consumer_close(consumer);
		return err;
	}
	consumer->produced = (void *)at;
	consumer->data = at + page;
	consumer->position = __atomic_load_n(consumer->consumed, __ATOMIC_ACQUIRE);
	return 0;
}

void tct_consumer_close(struct tct_consumer *consumer)
{
	size_t page = page_size();

	if (consumer->consumed)
		munmap((void *)consumer->consumed, page);
	if (consumer->produced)
		munmap((void *)consumer->produced, page + 2 * consumer->size);
	*consumer = (struct tct_consumer){ 0 };
}

void tct_consumer_foresee(struct tct_consumer *consumer,
			  void (*fn)(void *ctx, const void *data, size_t len), void *ctx)
{
	consumer->foresee = fn;
	consumer->foresee_ctx = ctx;
}

void tct_consumer_release(struct tct_consumer *consumer)
{
	__atomic_store_n(consumer->consumed, consumer->position, __ATOMIC_RELEASE);
}

void tct_consumer_hold(struct tct_consumer *consumer, uint64_t position)
{
	consumer->held = true;
	consumer->position = consumer->ahead = position;
	consumer->foreseen = 0;
	tct_consumer_release(consumer);
}

uint64_t tct_consumer_end(const struct tct_consumer *consumer)
{
	return __atomic_load_n(consumer->produced, __ATOMIC_ACQUIRE);
}

/* The programs write their end with each record: it is not looked at again before it is reached. */
static bool is_there(struct tct_consumer *consumer, unsigned long position)
{
	if (position >= consumer->end)
		consumer->end = tct_consumer_end(consumer);
	return position < consumer->end;
}

/* Of one that is there. NULL while it is being written: then it is `*busy`. */
static const uint32_t *header_of(const struct tct_consumer *consumer, unsigned long position,
				 bool *busy)
{
	const char *at = consumer->data + (position & (consumer->size - 1));
	const uint32_t *header = (const uint32_t *)(const void *)at;

	*busy = __atomic_load_n(header, __ATOMIC_ACQUIRE) & BPF_RINGBUF_BUSY_BIT;
	return *busy ? NULL : header;
}

/* NULL when nothing is there, or not yet all of it: then it is `*busy`. */
static const uint32_t *header_at(struct tct_consumer *consumer, unsigned long position, bool *busy)
{
	*busy = false;
	return is_there(consumer, position) ? header_of(consumer, position, busy) : NULL;
}

static size_t length_of(uint32_t header)
{
	return header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
}

static unsigned long after(unsigned long position, uint32_t header)
{
	return position + ((length_of(header) + BPF_RINGBUF_HDR_SZ + 7) & ~(size_t)7);
}

static bool is_enough(const struct tct_consumer *consumer, int count, int max)
{
	return count >= max || (consumer->held && consumer->position - *consumer->consumed >
							  consumer->size / HELD_SHARE);
}

/* What lies behind the last record is fetched in vain, and is there: the data is mapped twice. */
static void fetch_ahead(struct tct_consumer *consumer)
{
	unsigned long until = consumer->ahead + FETCHED;

	if (until - consumer->fetched > FETCHED)
		consumer->fetched = consumer->ahead;
	for (; consumer->fetched < until; consumer->fetched += LINE)
		__builtin_prefetch(consumer->data + (consumer->fetched & (consumer->size - 1)));
}

/* Records are read in turn: those that come next are likely to be there already. */
static void look_ahead(struct tct_consumer *consumer)
{
	const uint32_t *header;
	bool busy;

	if (consumer->ahead - consumer->position > consumer->size) {	/* overtaken */
		consumer->ahead = consumer->position;
		consumer->foreseen = 0;
	}
	while (consumer->foreseen < FORESEEN &&
	       (header = header_at(consumer, consumer->ahead, &busy))) {
		if (!(*header & BPF_RINGBUF_DISCARD_BIT))
			consumer->foresee(consumer->foresee_ctx,
					  (const char *)header + BPF_RINGBUF_HDR_SZ,
					  length_of(*header));
		consumer->ahead = after(consumer->ahead, *header);
		consumer->foreseen++;
		fetch_ahead(consumer);
	}
	consumer->foreseen--;
}

static void tell_now_and_then(struct tct_consumer *consumer)
{
	if (!consumer->held &&
	    consumer->position - *consumer->consumed > consumer->size / TOLD_SHARE)
		tct_consumer_release(consumer);
}

int tct_consumer_drain(struct tct_consumer *consumer, int max, tct_record_fn fn, void *ctx)
{
	const uint32_t *header;
	int count = 0, size = 0;

	consumer->more = false;
	while (size >= 0 && (header = header_at(consumer, consumer->position, &consumer->busy))) {
		consumer->more = is_enough(consumer, count, max);
		if (consumer->more)
			break;
		if (consumer->foresee)
			look_ahead(consumer);
		if (!(*header & BPF_RINGBUF_DISCARD_BIT)) {
			size = fn(ctx, (const char *)header + BPF_RINGBUF_HDR_SZ,
				  length_of(*header));
			count++;
		}
		consumer->position = after(consumer->position, *header);
		tell_now_and_then(consumer);
	}
	if (!consumer->held)
		tct_consumer_release(consumer);
	return size < 0 ? size : count;
}

uint64_t tct_consumer_waiting(const struct tct_consumer *consumer)
{
	unsigned long position = consumer->position, end = tct_consumer_end(consumer);
	uint64_t count = 0;

	while (position < end) {
		bool busy;
		const uint32_t *header = header_of(consumer, position, &busy);
		const struct tct_record_header *h = (const void *)(header + 2);

		if (busy)
			break;
		if (!(*header & BPF_RINGBUF_DISCARD_BIT))
			count += h->tag == TCT_REC_STATE || h->tag == TCT_REC_STEP;
		position = after(position, *header);
	}
	return count;
}
