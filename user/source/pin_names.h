/* SPDX-License-Identifier: GPL-2.0 */
/* The names in a pin's directory: which are ours, of whatever version. */
#ifndef TCT_PIN_NAMES_H
#define TCT_PIN_NAMES_H

#include <stdbool.h>
#include "../core/journal.h"
#include "../exit.h"
#include "pin_dir.h"

/* Of the chunks of a pool; a dash and a number follow. */
const char *tct_pin_names_pool(enum tct_journal_pools which);

/* Whether it is that prefix, a dash and a number. */
bool tct_pin_names_has(const char *name, const char *prefix);

/* Refuses a directory that has others' files as well, with one line. */
enum tct_exit tct_pin_names_check(struct tct_pin_dir *dir);

/* Removes them all. 0 or a negative errno. */
int tct_pin_names_drop(struct tct_pin_dir *dir);

#endif
