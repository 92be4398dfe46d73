// SPDX-License-Identifier: GPL-2.0
/* One TCP segment over IPv4, as a packet and as the few fields that a scenario is about. */
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <string.h>

#include "fatal.h"
#include "segment.h"

#define TTL 64
#define ICMP_QUOTE (sizeof(struct iphdr) + 8)	/* RFC 792: the header and 64 bits more */

/* What the TCP checksum covers besides the segment. */
struct pseudo {
	uint32_t from, to;
	uint8_t zero, protocol;
	uint16_t length;
};

uint8_t segment_flags(const char *letters)
{
	static const char names[] = "FSRPA";	/* from bit 0 on */
	uint8_t flags = 0;

	for (; *letters; letters++) {
		const char *at = strchr(names, *letters);

		fatal_unless(at, "flag of a segment");
		flags |= 1 << (at - names);
	}
	return flags;
}

bool segment_has(const struct segment *s, const char *letters)
{
	uint8_t deciding = TH_FIN | TH_SYN | TH_RST, wanted = segment_flags(letters);

	return (s->flags & deciding) == (wanted & deciding) && !(wanted & ~s->flags & TH_ACK);
}

uint32_t segment_span(const struct segment *s)
{
	return s->length + !!(s->flags & TH_SYN) + !!(s->flags & TH_FIN);
}

static uint32_t sum(uint32_t sum, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	size_t i;

	for (i = 0; i < size; i++)
		sum += i % 2 ? bytes[i] : bytes[i] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

bool segment_read(const uint8_t *packet, size_t size, struct segment *s)
{
	const struct iphdr *ip = (const void *)packet;
	const struct tcphdr *tcp = (const void *)(packet + sizeof(*ip));

	if (size < sizeof(*ip) + sizeof(*tcp) || ip->version != 4 || ip->ihl != 5 ||
	    ip->protocol != IPPROTO_TCP)
		return false;
	*s = (struct segment){
		.from = ip->saddr,
		.to = ip->daddr,
		.sport = ntohs(tcp->source),
		.dport = ntohs(tcp->dest),
		.seq = ntohl(tcp->seq),
		.ack = ntohl(tcp->ack_seq),
		.window = ntohs(tcp->window),
		.flags = tcp->th_flags,
		.length = ntohs(ip->tot_len) - sizeof(*ip) - tcp->doff * 4,
	};
	return true;
}

static void put_ip(struct iphdr *ip, uint32_t from, uint32_t to, uint8_t protocol, size_t size)
{
	*ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = TTL, .protocol = protocol,
			      .tot_len = htons(size), .saddr = from, .daddr = to };
	ip->check = fold(sum(0, ip, sizeof(*ip)));
}

size_t segment_write(const struct segment *s, uint8_t packet[SEGMENT_PACKET_MAX])
{
	struct tcphdr *tcp = (void *)(packet + sizeof(struct iphdr));
	size_t length = sizeof(*tcp) + s->length, size = sizeof(struct iphdr) + length;
	struct pseudo pseudo = { .from = s->from, .to = s->to, .protocol = IPPROTO_TCP,
				 .length = htons(length) };

	fatal_unless(size <= SEGMENT_PACKET_MAX, "size of a segment");
	memset(packet, 0, size);
	put_ip((void *)packet, s->from, s->to, IPPROTO_TCP, size);
	tcp->source = htons(s->sport);
	tcp->dest = htons(s->dport);
	tcp->seq = htonl(s->seq);
	tcp->ack_seq = htonl(s->ack);
	tcp->doff = sizeof(*tcp) / 4;
	tcp->th_flags = s->flags;
	tcp->window = htons(s->window);
	tcp->check = fold(sum(sum(0, &pseudo, sizeof(pseudo)), tcp, length));
	return size;
}

size_t segment_write_unreachable(const uint8_t *about, uint8_t packet[SEGMENT_PACKET_MAX])
{
	const struct iphdr *ip = (const void *)about;
	struct icmphdr *icmp = (void *)(packet + sizeof(*ip));
	size_t size = sizeof(*ip) + sizeof(*icmp) + ICMP_QUOTE;

	put_ip((void *)packet, ip->daddr, ip->saddr, IPPROTO_ICMP, size);
	*icmp = (struct icmphdr){ .type = ICMP_DEST_UNREACH, .code = ICMP_HOST_UNREACH };
	memcpy(icmp + 1, about, ICMP_QUOTE);
	icmp->checksum = fold(sum(0, icmp, sizeof(*icmp) + ICMP_QUOTE));
	return size;
}
