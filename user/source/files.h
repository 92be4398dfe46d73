/* SPDX-License-Identifier: GPL-2.0 */
/* How many descriptors a process has open, and may have. */
#ifndef TCT_FILES_H
#define TCT_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include "../core/lookups.h"

/* The soft RLIMIT_NOFILE. False when it has none, is gone or not ours to look at. */
bool tct_files_of_process(uint32_t pid, struct tct_files *out);

#endif
