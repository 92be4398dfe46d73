/* SPDX-License-Identifier: GPL-2.0 */
/* From bytes to a record that may be trusted: size, tag, version and ranges are checked here. */
#ifndef TCT_DECODE_H
#define TCT_DECODE_H

#include <stddef.h>
#include <stdint.h>
#include "../../bpf/record.h"

struct tct_decoded {
	enum tct_record_tag tag;
	union {
		const struct tct_record_sock *sock;
		const struct tct_record_found *found;
		const struct tct_record_stays *stays;
		const struct tct_record_tw *tw;
		const struct tct_record_tw_cancel *tw_cancel;
		const struct tct_record_reset *reset;
		const struct tct_record_owner *owner;
		const struct tct_record_step *step;
		const struct tct_record_present *present;
		const struct tct_record_holder *holder;
	};
};

/* What a record of this tag measures; 0 when there is no such tag. */
size_t tct_decode_size(uint8_t tag);

/*
 * `data` is 8-byte aligned and stays the caller's; `out` points into it. `len` is what is there,
 * one record or more. Returns the record's size, or -EBADMSG.
 */
int tct_decode(const void *data, size_t len, struct tct_decoded *out);

#endif
