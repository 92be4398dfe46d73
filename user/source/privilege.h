/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCT_PRIVILEGE_H
#define TCT_PRIVILEGE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The name of the first capability that is missing for loading and attaching, or NULL when all
 * are there; reading another network namespace takes CAP_SYS_ADMIN too, which stands in for CAP_BPF
 * and CAP_PERFMON, as in the kernel.
 */
const char *tct_privilege_missing(bool other_netns);

/* Whether it is for want of CAP_SYSLOG that /proc/kallsyms shows no addresses. */
bool tct_privilege_hides_addresses(void);

/*
 * The calling thread has no privilege from here on, nor have those that it starts; but a bit of
 * these capabilities (below 32) that it had.
 */
void tct_privilege_renounce(uint32_t but);

#endif
