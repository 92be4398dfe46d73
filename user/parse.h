/* SPDX-License-Identifier: GPL-2.0 */
/* Values of options. All return 0 or -EINVAL, and change nothing on an error. */
#ifndef TCT_PARSE_H
#define TCT_PARSE_H

#include <stdint.h>
#include "core/fsm.h"

/* "60", "60s", "1.5m", "500ms", "2h": positive, below 100 years. */
int tct_parse_duration(const char *text, uint64_t *ns);

/* 1 to `max`. */
int tct_parse_number(const char *text, uint32_t max, uint32_t *number);

/* "64K", "16M", "1G", "65536": bytes, a power of two from `min` to `max`. */
int tct_parse_size(const char *text, uint32_t min, uint32_t max, uint32_t *bytes);

/* "80,443" and "8000-8010": 1 to 65535 each; sets bits in 1024 words. */
int tct_parse_ports(const char *text, uint64_t *bits);

/* "close-wait,LAST_ACK": one bit each. */
int tct_parse_states(const char *text, uint32_t *bits);

/* "close-wait=5s,last-ack=30s"; "=0" or "=off" switches a state off. */
int tct_parse_thresholds(const char *text, uint64_t threshold_ns[TCT_STATES]);

#endif
