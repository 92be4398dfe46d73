// SPDX-License-Identifier: GPL-2.0
#include "ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORTH_A_SWEEP (TCT_PORTS_MAX / 8)

int tct_ports_init(struct tct_ports *ports, uint16_t first, uint16_t last)
{
	*ports = (struct tct_ports){
		.first = first, .last = last, .uses = calloc(TCT_PORTS_MAX, sizeof(*ports->uses)),
	};
	return ports->uses ? 0 : -ENOMEM;
}

void tct_ports_fini(struct tct_ports *ports)
{
	free(ports->uses);
}

void tct_ports_clear(struct tct_ports *ports)
{
	memset(ports->buckets, 0, sizeof(ports->buckets));
	ports->used = 0;
	ports->idle = 0;
}

static struct tct_port_use key_of(const struct tct_subject *who)
{
	struct tct_port_use key = {
		.netns = who->netns, .rport = who->tuple.rport, .family = who->tuple.family,
	};

	memcpy(key.laddr, who->tuple.laddr, sizeof(key.laddr));
	memcpy(key.raddr, who->tuple.raddr, sizeof(key.raddr));
	return key;
}

static bool same(const struct tct_port_use *a, const struct tct_port_use *b)
{
	return a->netns == b->netns && a->rport == b->rport && a->family == b->family &&
	       !memcmp(a->laddr, b->laddr, sizeof(a->laddr)) &&
	       !memcmp(a->raddr, b->raddr, sizeof(a->raddr));
}

static uint32_t *bucket_of(struct tct_ports *ports, const struct tct_port_use *key)
{
	uint64_t hash = key->netns * 0x9e3779b97f4a7c15ull + key->rport;

	for (size_t i = 0; i < sizeof(key->laddr); i++)
		hash = (hash ^ key->laddr[i] ^ (uint64_t)key->raddr[i] << 8) * 0x100000001b3ull;
	return &ports->buckets[(hash ^ hash >> 32) % TCT_PORTS_MAX];
}

static struct tct_port_use *find(struct tct_ports *ports, const struct tct_port_use *key)
{
	uint32_t at = *bucket_of(ports, key);

	while (at && !same(&ports->uses[at - 1], key))
		at = ports->uses[at - 1].chain;
	return at ? &ports->uses[at - 1] : NULL;
}

/* All that have ports stay, with their chains made anew. */
static void sweep(struct tct_ports *ports)
{
	uint32_t kept = 0;

	memset(ports->buckets, 0, sizeof(ports->buckets));
	for (uint32_t i = 0; i < ports->used; i++) {
		uint32_t *bucket;

		if (!ports->uses[i].count)
			continue;
		ports->uses[kept] = ports->uses[i];
		bucket = bucket_of(ports, &ports->uses[kept]);
		ports->uses[kept++].chain = *bucket;
		*bucket = kept;
	}
	ports->used = kept;
	ports->idle = 0;
}

static struct tct_port_use *add(struct tct_ports *ports, const struct tct_port_use *key)
{
	uint32_t *bucket;

	if (ports->used == TCT_PORTS_MAX && ports->idle >= WORTH_A_SWEEP)
		sweep(ports);
	if (ports->used == TCT_PORTS_MAX)
		return NULL;
	bucket = bucket_of(ports, key);
	ports->uses[ports->used] = *key;
	ports->uses[ports->used].chain = *bucket;
	*bucket = ++ports->used;
	ports->idle++;
	return &ports->uses[ports->used - 1];
}

static bool is_chosen(const struct tct_ports *ports, const struct tct_subject *who)
{
	return who->tuple.lport >= ports->first && who->tuple.lport <= ports->last;
}

void tct_ports_enter(struct tct_ports *ports, const struct tct_subject *who)
{
	const struct tct_port_use key = key_of(who);
	struct tct_port_use *use;

	if (!is_chosen(ports, who))
		return;
	use = find(ports, &key);
	if (!use)
		use = add(ports, &key);
	if (!use)
		ports->untold++;
	else if (!use->count++)
		ports->idle--;
}

void tct_ports_leave(struct tct_ports *ports, const struct tct_subject *who)
{
	const struct tct_port_use key = key_of(who);
	struct tct_port_use *use = is_chosen(ports, who) ? find(ports, &key) : NULL;

	if (use && use->count && !--use->count)
		ports->idle++;
}

uint32_t tct_ports_most(const struct tct_ports *ports)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < ports->used; i++) {
		if (ports->uses[i].count > most)
			most = ports->uses[i].count;
	}
	return most;
}
