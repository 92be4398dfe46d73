/* SPDX-License-Identifier: GPL-2.0 */
/* One event of each type with values that are as long as they get. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "../../user/core/event.h"

#define SAMPLE_DAY_NS (86400 * (int64_t)1000000000)
#define SAMPLE_MONO_NS (99 * (uint64_t)SAMPLE_DAY_NS + 7)	/* of all of them */

/* ffff:...:fffe port 65535 to ffff:...:ffff port 65535, owned by a pid of seven digits. */
struct tct_subject sample_subject(void);

struct tct_transition sample_transition(void);
struct tct_time_wait sample_time_wait(void);
struct tct_teardown sample_teardown(void);
struct tct_ready sample_ready(void);
struct tct_summary sample_summary(void);

/* Of many sockets in CLOSE_WAIT, without holders. */
struct tct_finding sample_finding(void);

/* Name and path of fifteen and some more characters, `fds` as given. */
struct tct_holder sample_holder(const char *fds);

#endif
