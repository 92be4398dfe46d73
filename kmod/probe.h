/* SPDX-License-Identifier: GPL-2.0 */
/* Where the tracepoints get their events from. Each says in the log what the kernel lacks. */
#ifndef TCT_PROBE_H
#define TCT_PROBE_H

/* Mini-sockets: 0 or a negative errno with nothing left attached. */
int tct_probe_minis_attach(void);
void tct_probe_minis_detach(void);

/* Full sockets: likewise. */
int tct_probe_states_attach(void);
void tct_probe_states_detach(void);

#endif
