/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the hooks of one run pass to the next (--pin). The same programs go on as they are. Others
 * are attached beside them, on the same maps; for a while both send each event, marked, then the
 * old ones are detached: nothing is missed in between.
 */
#ifndef TCT_HANDOVER_H
#define TCT_HANDOVER_H

#include "loader.h"

/* Whether what is pinned fits to these programs. -EBADMSG, and one line, when it does not. */
int tct_handover_check(struct tct_loader *loader, const struct tct_loader_config *config);

/* Takes over what is pinned, if it is what would be loaded. -ENOENT when it is not. */
int tct_handover_continue(struct tct_loader *loader, const struct tct_loader_config *config,
			  unsigned int points);

/* After tct_loader_open(): the maps that are pinned are used. 0 or a negative errno. */
int tct_handover_take_maps(struct tct_loader *loader, struct tct_pin *pin);

/* Before the new programs are attached; after they are detached again, because it came to nothing. */
void tct_handover_begin(struct tct_loader *loader, struct tct_pin *pin);
void tct_handover_abort(struct tct_loader *loader);

/* When they are: pins them and drops the old ones. Logs one line when that fails. */
enum tct_exit tct_handover_keep(struct tct_loader *loader, const struct tct_loader_config *config,
				unsigned int points);

/* Events are no longer marked, once the old programs cannot be running any more. */
void tct_handover_settle(struct tct_loader *loader, uint64_t now_ns);

/* The process lets go of its links, which stay. */
void tct_handover_let_go(struct tct_loader *loader);

#endif
