/* SPDX-License-Identifier: GPL-2.0 */
/* The page at /, made of user/page/ when the program is built. */
#ifndef TCT_PAGE_H
#define TCT_PAGE_H

#include <stddef.h>

const char *tct_page(size_t *len);

/* What a browser may load for it: nothing but this daemon's own answers. */
extern const char tct_page_policy[];

#endif
