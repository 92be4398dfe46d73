/* SPDX-License-Identifier: GPL-2.0 */
/* What must hold of an event, in words. */
#ifndef LIVE_FIELDS_H
#define LIVE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

/*
 * wanted: "field=value field>=number ...", null, true and false as JSON has them. A dot reaches
 * into an object. reset_reason counts only where `ready` says that it is known. When something
 * does not hold, `words` says what.
 */
bool fields_hold(const json_t *event, const char *wanted, const json_t *ready, char *words,
		 size_t room);

#endif
