/* SPDX-License-Identifier: GPL-2.0 */
/* One input as the bytes that a recording has of it, and back. */
#ifndef TCT_FRAME_H
#define TCT_FRAME_H

#include "../session/input.h"
#include "layout.h"

/* Bytes, a multiple of 8. */
size_t tct_frame_size(const struct tct_input *input);

/* Fills as many at `out`, 8-byte aligned. Returns where the input's data is in it. */
void *tct_frame_put(void *out, const struct tct_input *input);

/*
 * The first frame of `left` bytes, which are not trusted; `input` points into them. Returns its
 * size or -EBADMSG.
 */
int tct_frame_get(const void *frames, size_t left, struct tct_input *input);

#endif
