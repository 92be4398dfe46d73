/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's reasons for a reset (enum sk_rst_reason): their numbers differ between kernels. */
#ifndef TCT_RESET_REASON_H
#define TCT_RESET_REASON_H

#include <stdint.h>

/*
 * As the kernel's BTF names it, in the spelling of our kinds: "tcp-abort-on-close". NULL where
 * the kernel gives no reason or does not name it.
 */
const char *tct_reset_reason(uint32_t reason);

#endif
