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

int tct_consumer_open_slots(struct tct_consumer *consumer, const struct tct_slots *slots,
			    unsigned int shard)
{
	volatile struct tct_slot_ends *ends = &slots->ends[shard];
	void *at = mmap(NULL, slots->size, PROT_READ, MAP_SHARED, slots->map_fd,
			(off_t)(shard * slots->size));

	if (at == MAP_FAILED)
		return -errno;
	*consumer = (struct tct_consumer){
		.slots = true,
		.consumed = (volatile unsigned long *)&ends->consumed,
		.produced = (const volatile unsigned long *)&ends->produced,
		.data = at,
		.size = slots->size,
	};
	return 0;
}

void tct_consumer_close(struct tct_consumer *consumer)
{
	size_t page = page_size();

	if (consumer->slots)
		munmap((void *)consumer->data, consumer->size);
	if (consumer->consumed && !consumer->slots)
		munmap((void *)consumer->consumed, page);
	if (consumer->produced && !consumer->slots)
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

/* A record, and where the next one is. */
struct place {
	const void *record;	/* NULL: it was discarded */
	size_t length;
	unsigned long next;
};

static const struct tct_slot *slot_at(const struct tct_consumer *consumer, unsigned long position)
{
	return (const void *)(consumer->data + (position & (consumer->size - 1)));
}

static bool is_written(const struct tct_consumer *consumer, unsigned long position)
{
	const struct tct_slot *slot = slot_at(consumer, position);

	return __atomic_load_n(&slot->end, __ATOMIC_ACQUIRE) == position + sizeof(*slot);
}

/* All of its parts; `record` is the first one. */
static bool read_slots(const struct tct_consumer *consumer, unsigned long position,
		       struct place *place)
{
	const struct tct_record_header *header = (const void *)slot_at(consumer, position)->part;
	unsigned long at = position + sizeof(struct tct_slot);

	if (!is_written(consumer, position))
		return false;
	*place = (struct place){
		.record = header, .length = header->size,
		.next = position + TCT_SLOT_PARTS(header->size) * sizeof(struct tct_slot),
	};
	while (at < place->next && is_written(consumer, at))
		at += sizeof(struct tct_slot);
	return at >= place->next;
}

static bool read_header(const struct tct_consumer *consumer, unsigned long position,
			struct place *place)
{
	const uint32_t *at = (const void *)(consumer->data + (position & (consumer->size - 1)));
	uint32_t header = __atomic_load_n(at, __ATOMIC_ACQUIRE);
	size_t length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	*place = (struct place){
		.record = header & BPF_RINGBUF_DISCARD_BIT
				  ? NULL : (const char *)at + BPF_RINGBUF_HDR_SZ,
		.length = length,
		.next = position + ((length + BPF_RINGBUF_HDR_SZ + 7) & ~(size_t)7),
	};
	return !(header & BPF_RINGBUF_BUSY_BIT);
}

/* Of one that is there: false while it is being written. */
static bool is_whole(const struct tct_consumer *consumer, unsigned long position,
		     struct place *place)
{
	return consumer->slots ? read_slots(consumer, position, place)
			       : read_header(consumer, position, place);
}

/* False when nothing is there, or not yet all of it: then it is `*busy`. */
static bool read_at(struct tct_consumer *consumer, unsigned long position, struct place *place,
		    bool *busy)
{
	*busy = false;
	if (!is_there(consumer, position))
		return false;
	*busy = !is_whole(consumer, position, place);
	return !*busy;
}

static bool is_enough(const struct tct_consumer *consumer, int count, int max)
{
	return count >= max || (consumer->held && consumer->position - *consumer->consumed >
							  consumer->size / HELD_SHARE);
}

/* What lies behind the last record is fetched in vain. */
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
	struct place place;
	bool busy;

	if (consumer->ahead - consumer->position > consumer->size) {	/* overtaken */
		consumer->ahead = consumer->position;
		consumer->foreseen = 0;
	}
	while (consumer->foreseen < FORESEEN && read_at(consumer, consumer->ahead, &place, &busy)) {
		if (place.record)
			consumer->foresee(consumer->foresee_ctx, place.record, place.length);
		consumer->ahead = place.next;
		consumer->foreseen++;
		fetch_ahead(consumer);
	}
	consumer->foreseen--;
}

/* In one piece: where it is, or put together out of its parts. */
static const void *whole_of(struct tct_consumer *consumer, const struct place *place)
{
	unsigned long position = consumer->position;
	char *to = consumer->whole;

	if (!consumer->slots || place->length <= TCT_SLOT_PART)
		return place->record;
	for (; position < place->next && to < consumer->whole + sizeof(consumer->whole);
	     position += sizeof(struct tct_slot)) {
		const struct tct_slot *slot = slot_at(consumer, position);

		memcpy(to, slot->part, sizeof(slot->part));
		to += sizeof(slot->part);
	}
	return consumer->whole;
}

static void tell_now_and_then(struct tct_consumer *consumer)
{
	if (!consumer->held &&
	    consumer->position - *consumer->consumed > consumer->size / TOLD_SHARE)
		tct_consumer_release(consumer);
}

int tct_consumer_drain(struct tct_consumer *consumer, int max, tct_record_fn fn, void *ctx)
{
	struct place place;
	int count = 0, size = 0;

	consumer->more = false;
	while (size >= 0 && read_at(consumer, consumer->position, &place, &consumer->busy)) {
		consumer->more = is_enough(consumer, count, max);
		if (consumer->more)
			break;
		if (consumer->foresee)
			look_ahead(consumer);
		if (place.record) {
			size = fn(ctx, whole_of(consumer, &place), place.length);
			count++;
		}
		consumer->position = place.next;
		tell_now_and_then(consumer);
	}
	if (!consumer->held)
		tct_consumer_release(consumer);
	return size < 0 ? size : count;
}

uint64_t tct_consumer_waiting(const struct tct_consumer *consumer)
{
	unsigned long position = consumer->position, end = tct_consumer_end(consumer);
	struct place place;
	uint64_t count = 0;

	while (position < end && is_whole(consumer, position, &place)) {
		const struct tct_record_header *h = place.record;

		if (h)
			count += h->tag == TCT_REC_STATE || h->tag == TCT_REC_STEP;
		position = place.next;
	}
	return count;
}
