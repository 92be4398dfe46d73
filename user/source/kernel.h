/* SPDX-License-Identifier: GPL-2.0 */
/* What this kernel offers, found by asking it, never by its version. */
#ifndef TCT_KERNEL_H
#define TCT_KERNEL_H

#include <stdbool.h>

/* BTF of the running kernel, without which CO-RE programs cannot load. */
bool tct_kernel_has_btf(void);

/* How many arguments a tracepoint hands to BPF programs; -1 when it is not in the BTF. */
int tct_kernel_tracepoint_args(const char *tracepoint);

/* uname -r. */
const char *tct_kernel_release(void);

#endif
