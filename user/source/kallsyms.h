/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCT_KALLSYMS_H
#define TCT_KALLSYMS_H

#include "../core/end.h"

/*
 * Resolves the functions that tell why a mini-socket ended. What is not there stays 0. Returns
 * how many were found, or a negative errno when the file cannot be read; without CAP_SYSLOG the
 * kernel shows addresses of 0, and the count is 0.
 */
int tct_kallsyms_resolve(struct tct_end_symbol symbols[TCT_END_SYMBOLS_MAX]);

#endif
