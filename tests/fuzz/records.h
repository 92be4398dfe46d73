/* SPDX-License-Identifier: GPL-2.0 */
/* Records made of few bytes: right in size and tag, in the rest whatever the fuzzer wants. */
#ifndef FUZZ_RECORDS_H
#define FUZZ_RECORDS_H

#include "../../bpf/record.h"
#include "bytes.h"

union record {
	struct tct_record_header h;
	struct tct_record_sock sock;
	struct tct_record_found found;
	struct tct_record_stays stays;
	struct tct_record_step step;
	struct tct_record_tw tw;
	struct tct_record_tw_cancel cancel;
	struct tct_record_reset reset;
	struct tct_record_owner owner;
	struct tct_record_present present;
	struct tct_record_holder holder;
};

/* `choice` draws the tag. */
void records_make(union record *rec, uint8_t choice, struct bytes *bytes, uint64_t now_ns);

#endif
