/* SPDX-License-Identifier: GPL-2.0 */
/* The contract's exit codes. */
#ifndef TCT_EXIT_H
#define TCT_EXIT_H

enum tct_exit {
	TCT_EXIT_OK = 0,
	TCT_EXIT_FAILURE = 1,
	TCT_EXIT_USAGE = 2,
	TCT_EXIT_FINDINGS = 3,
	TCT_EXIT_PRIVILEGE = 4,
	TCT_EXIT_KERNEL = 5,
};

#endif
