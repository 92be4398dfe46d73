/* SPDX-License-Identifier: GPL-2.0 */
/* A FIN that a FIN_WAIT2 mini-socket gets in its first two seconds moves no timer. */
#ifndef LIVE_SILENT_H
#define LIVE_SILENT_H

#include "tracer.h"

/* Skips the running test where this tracer's probes cannot tell of one before the mini-socket's
 * end: the kernel's own tracepoints up to 6.10, and without BTF. */
void silent_fin_skip(const struct tracer *t);

#endif
