/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an operator calls the holder of a socket: the systemd unit, the container or the program.
 * Never a pid, an address or a port, so that the number of names stays bounded.
 */
#ifndef TCT_SERVICE_H
#define TCT_SERVICE_H

#include "event.h"

#define TCT_SERVICE_LEN 64

/* Of sockets that no process holds. */
#define TCT_SERVICE_NONE "none"

/*
 * The deepest part of the cgroup's path that names one decides: a unit ("nginx.service"; the
 * instance of one that systemd starts for each connection is left out), or a container of docker,
 * containerd, cri-o or podman (the first twelve digits of its id, as their own tools show it). Else
 * it is `comm`. Either may be NULL or empty. What is too long is cut; what is no printable ASCII is a
 * question mark.
 */
void tct_service_name(const char *cgroup, const char *comm, char out[TCT_SERVICE_LEN]);

/* The holder that has most of a finding's sockets; NULL: nobody has any. */
const struct tct_holder *tct_service_holder(const struct tct_finding *ev);

/* That one's name. */
void tct_service_of(const struct tct_finding *ev, char out[TCT_SERVICE_LEN]);

#endif
