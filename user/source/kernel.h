/* SPDX-License-Identifier: GPL-2.0 */
/* What this kernel offers, found by asking it, never by its version. */
#ifndef TCT_KERNEL_H
#define TCT_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

/* BTF of the running kernel, without which typed programs and iterators cannot load. */
bool tct_kernel_has_btf(void);

/* The same, parsed once and kept: there are several megabytes of it. NULL when there is none. */
struct btf;
const struct btf *tct_kernel_btf(void);

/* Whether the file holds BTF: 0 or a negative errno. */
int tct_kernel_check_btf(const char *path);

/* How many arguments a tracepoint hands to BPF programs; -1 when it is not in the BTF. */
int tct_kernel_tracepoint_args(const char *tracepoint);

/* Whether there is such a function: by the kernel's BTF, or else by /proc/kallsyms. */
bool tct_kernel_has_function(const char *name);

/* Whether typed programs may have the kernel make a socket's cookie (5.12). */
bool tct_kernel_makes_cookies(void);

/*
 * Whether a listener's child shows its own cookie with its first event: from 6.17 on, as far as was
 * looked. It is told by a field that went with that release.
 */
bool tct_kernel_shows_child(void);

/* Whether iter/task_file may ask a file for its socket (5.11). */
bool tct_kernel_has_sock_from_file(void);

/* Our own module, and the kernel's kprobes. */
bool tct_kernel_has_module(void);
bool tct_kernel_has_kprobes(void);

/* Whether programs that get what was there before an atomic add are taken, and compiled. */
bool tct_kernel_has_fetch(void);

/* Loads and attaches an empty fentry program to this function: 0, or what the kernel says. */
int tct_kernel_try_fentry(const char *function);

/* uname -r. */
const char *tct_kernel_release(void);

/* The ports that it chooses from (net.ipv4.ip_local_port_range), inclusive; its default if unread. */
void tct_kernel_port_range(uint16_t *first, uint16_t *last);

#endif
