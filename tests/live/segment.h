/* SPDX-License-Identifier: GPL-2.0 */
/* One TCP segment over IPv4, as a packet and as the few fields that a scenario is about. */
#ifndef LIVE_SEGMENT_H
#define LIVE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEGMENT_PACKET_MAX 2048

/* Host order, but for the addresses, which are in network order. */
struct segment {
	uint32_t from, to;
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint16_t window;
	uint8_t flags;		/* as segment_flags() */
	uint32_t length;	/* bytes of data */
};

/* Of letters: F, S, R, P, A. */
uint8_t segment_flags(const char *letters);

/* Whether those that matter are these: exactly its FIN, SYN and RST, and its ACK when asked for. */
bool segment_has(const struct segment *s, const char *letters);

/* What it takes up in the sequence space. */
uint32_t segment_span(const struct segment *s);

/* False when the packet is something else, which is not an error. */
bool segment_read(const uint8_t *packet, size_t size, struct segment *s);

/* With data of zero bytes, no options, right checksums. Returns the packet's size. */
size_t segment_write(const struct segment *s, uint8_t packet[SEGMENT_PACKET_MAX]);

/* An ICMP "host unreachable" from the segment's destination about that packet. */
size_t segment_write_unreachable(const uint8_t *about, uint8_t packet[SEGMENT_PACKET_MAX]);

#endif
