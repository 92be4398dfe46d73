/* SPDX-License-Identifier: GPL-2.0 */
/* A mirror as inputs: what another session has to be told so that it goes on from there. */
#ifndef TCT_MEMOS_H
#define TCT_MEMOS_H

#include "../core/shards.h"
#include "input.h"

typedef void (*tct_memos_fn)(void *ctx, const struct tct_input *input);

/* A TCT_IN_SOCKET for each socket, and what is to be doubted of them all. */
void tct_memos_tell(const struct tct_shards *shards, tct_memos_fn take, void *ctx);

#endif
