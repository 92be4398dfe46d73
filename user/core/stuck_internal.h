/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the parts of the detector. */
#ifndef TCT_STUCK_INTERNAL_H
#define TCT_STUCK_INTERNAL_H

#include "stuck.h"

struct tct_group *tct_stuck_group(const struct tct_stuck *stuck, uint32_t index);

/* stuck_place.c. A socket that has passed its threshold, and is on no list. */
void tct_stuck_take(struct tct_stuck *stuck, unsigned int shard, struct tct_socket *sock,
		    uint64_t now_ns);
void tct_stuck_place_fresh(struct tct_stuck *stuck, unsigned int shard,
			   const struct tct_scan *scan);

/* There is no finding that it is likely to join; which process holds it is not known yet. */
bool tct_stuck_may_open(const struct tct_stuck *stuck, const struct tct_mirror *mirror,
			const struct tct_socket *sock);

/* stuck_when.c. A socket of a list, by its index; TCT_STUCK_NEVER for none. */
uint64_t tct_stuck_due_at(const struct tct_mirror *mirror, uint32_t index, uint64_t threshold_ns);
bool tct_stuck_has_fresh(const struct tct_stuck *stuck);

/* When the first finding that changed may be told again, or is to be looked at. */
uint64_t tct_stuck_update_at(const struct tct_stuck *stuck);

/* What has to be told before another scan may be made is told as the last one read it. */
bool tct_stuck_tells_as_read(const struct tct_stuck *stuck, uint64_t at_ns);

/* stuck_tell.c */
enum tct_confidence tct_stuck_confidence(const struct tct_stuck *stuck,
					 const struct tct_group *group);
void tct_stuck_resolve(struct tct_stuck *stuck, uint32_t index, uint64_t now_ns);

/* All findings that are to be told or looked at, by this scan; `anew`: it has just ended. */
void tct_stuck_review(struct tct_stuck *stuck, const struct tct_scan *scan, bool anew,
		      uint64_t now_ns);

#endif
