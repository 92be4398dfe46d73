/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the two readings of an audit. */
#ifndef TCT_AUDIT_INTERNAL_H
#define TCT_AUDIT_INTERNAL_H

#include "decode.h"
#include "shards.h"

/* A record of the second reading. */
void tct_audit_settle_record(struct tct_tracker *tracker, const struct tct_decoded *rec);

/* The mirrored socket that such a record is about, NULL: none. */
struct tct_socket *tct_audit_find(struct tct_tracker *tracker, uint64_t cookie, uint64_t address,
				  bool mini);

/* When the mirror last learned of its state. */
uint64_t tct_audit_changed_ns(const struct tct_socket *sock);

/* Whether the present reading would have shown it. */
bool tct_audit_was_read(const struct tct_tracker *tracker, const struct tct_socket *sock);

/* Whether it has left since the audit began. */
bool tct_audit_has_departed(const struct tct_tracker *tracker, uint64_t cookie, uint64_t address,
			    bool mini);

#endif
