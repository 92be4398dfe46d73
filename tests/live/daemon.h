/* SPDX-License-Identifier: GPL-2.0 */
/* One running `serve`, in the current namespace, and its figures. */
#ifndef LIVE_DAEMON_H
#define LIVE_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define DAEMON_PATIENCE_MS 15000

struct daemon;

/*
 * On a free port of 127.0.0.1, with that configuration ("" for none) and these further options,
 * which end with NULL. Returns when it is ready.
 */
struct daemon *daemon_start(const char *config, const char *const args[]);

uint16_t daemon_port(const struct daemon *d);
pid_t daemon_pid(const struct daemon *d);
bool daemon_said(const struct daemon *d, const char *text);

/* VmRSS in kB; the time its threads have run; the number of descriptors. */
long daemon_memory_kb(const struct daemon *d);
long daemon_ran_ms(const struct daemon *d);
int daemon_descriptors(const struct daemon *d);

/* SIGTERM; asserts that it ends with 0 and leaves nothing attached. */
void daemon_finish(struct daemon *d);

/* Frees it, killed if need be: then its stderr is shown. Harmless on NULL. */
void daemon_free(struct daemon *d);

/* The text of /metrics now, not one of a moment before; the caller frees it. */
char *daemon_metrics(const struct daemon *d);

/* In that text, of the sample with exactly this name and these labels; -1: there is none. */
double metrics_value(const char *text, const char *sample);

/* The same of one that is there now. */
double daemon_value(const struct daemon *d, const char *sample);

/* Waits until it is. Fails the test when it does not become so. */
void daemon_wait_value(const struct daemon *d, const char *sample, double wanted);

/* A port that nobody has. */
uint16_t daemon_free_port(void);

/* A file with that content, whose name is valid until the next call but one. */
const char *daemon_file(const char *content);

#endif
