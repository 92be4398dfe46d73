/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording: a start, the host it was made on, then blocks of frames. A frame is one input of a
 * session. All of it in the byte order of the machine that wrote it and in multiples of 8 bytes;
 * checksums are zlib's crc32.
 *
 *	start | host | block: head, frame, frame, ... | block | ...
 *
 * A block is written as a whole, so that a recording which was cut off is good up to its last whole
 * block. After the input FINISH a last scan may follow, for `stuck`.
 */
#ifndef TCT_LAYOUT_H
#define TCT_LAYOUT_H

#include "../../bpf/record.h"
#include "../session/host.h"

#define TCT_LAYOUT_MAGIC "\x89TCT\r\n\x1a\n"	/* as PNG's: a transfer as text is noticed */
#define TCT_LAYOUT_ORDER 0x01020304u
#define TCT_LAYOUT_VERSION 1	/* of this layout and of enum tct_input_kind */

struct tct_layout_start {
	char magic[8];
	uint32_t order;		/* TCT_LAYOUT_ORDER as the writer's machine has it */
	uint16_t version;
	uint16_t records;	/* TCT_RECORD_VERSION */
	uint32_t length;	/* of the host that follows */
	uint32_t crc;		/* of the same */
};

#define TCT_LAYOUT_REASONS 64
#define TCT_LAYOUT_REASON_LEN 40
#define TCT_LAYOUT_TAGS 32

#define TCT_LAYOUT_COOKIELESS 0x01	/* as the flags of struct tct_host */
#define TCT_LAYOUT_SEES_RESETS 0x02
#define TCT_LAYOUT_SEES_SEGMENTS 0x04
#define TCT_LAYOUT_MINIS_NEED_SOCKET 0x08
#define TCT_LAYOUT_BRIEF 0x10
#define TCT_LAYOUT_ANONYMOUS 0x40
#define TCT_LAYOUT_HOLDS_BACK 0x80
#define TCT_LAYOUT_SHARDS 24	/* from this bit on, four: how many; 0: one */

struct tct_layout_host {
	uint64_t start_ns;
	uint64_t real_offset_ns;
	uint32_t hz;
	uint32_t flags;		/* TCT_LAYOUT_* */
	uint32_t max_sockets;
	uint32_t filter;	/* tct_sift_filter() of the run; 0: it had none */
	char kernel[TCT_NAME_LEN];
	char set_state[TCT_NAME_LEN];
	char time_wait[TCT_NAME_LEN];
	char time_wait_end[TCT_NAME_LEN];
	char reset[TCT_NAME_LEN];
	struct {
		uint64_t start;
		uint64_t stop;
	} symbols[TCT_END_SYMBOLS_MAX];	/* as tct_end_symbol_name() numbers them */
	uint16_t sizes[TCT_LAYOUT_TAGS];	/* of the records, by tag; 0: there is none */
	char reasons[TCT_LAYOUT_REASONS][TCT_LAYOUT_REASON_LEN];	/* of resets; "": not known */
};

#define TCT_LAYOUT_BLOCK 0x4b4c4254u	/* "TBLK" */
#define TCT_LAYOUT_BLOCK_MAX (1u << 20)

struct tct_layout_block {
	uint32_t magic;
	uint32_t length;	/* of the frames that follow; up to TCT_LAYOUT_BLOCK_MAX */
	uint32_t crc;		/* of the same */
	uint32_t frames;
};

/* A frame's first eight bytes; those of a TCT_IN_RECORD are followed by the record. */
struct tct_layout_frame {
	uint32_t length;	/* of the whole frame */
	uint32_t kind;		/* enum tct_input_kind */
};

/* All other kinds; followed by `len` bytes of data and the padding to 8. */
struct tct_layout_input {
	struct tct_layout_frame frame;
	uint64_t now_ns;
	uint64_t value;
	uint32_t which;
	uint32_t len;
};

_Static_assert(sizeof(struct tct_layout_start) == 24, "start");
_Static_assert(sizeof(struct tct_layout_host) % 8 == 0, "host");
_Static_assert(sizeof(struct tct_layout_block) == 16, "block");
_Static_assert(sizeof(struct tct_layout_input) == 32, "input");

/* The host as a recording has it, and back. NULL anonymises nothing. */
struct tct_anonymize;
void tct_layout_put_host(const struct tct_host *host, const struct tct_anonymize *anonymize,
			 struct tct_layout_host *out);
void tct_layout_get_host(const struct tct_layout_host *in, struct tct_host *host);

/* What this program's records measure: a recording of another layout is not read. */
void tct_layout_sizes(uint16_t sizes[TCT_LAYOUT_TAGS]);

#endif
