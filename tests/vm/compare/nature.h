/* SPDX-License-Identifier: GPL-2.0 */
/* In what two streams of the same scenario may differ: the kernel or the provider can no better. */
#ifndef COMPARE_NATURE_H
#define COMPARE_NATURE_H

#include <stdbool.h>
#include <jansson.h>

/* The first field in which the events differ other than by nature; NULL when there is none. */
const char *nature_differs(const json_t *a, const json_t *b);

/* Whether it happens in one run of a scenario and not in the next. */
bool nature_is_chance(const json_t *event);

/* What is excluded and why, in lines. */
void nature_explain(void);

#endif
