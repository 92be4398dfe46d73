/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon may do once all is attached. It holds no more than what its looks at the host
 * need from then on; see the table in privileges.c for what each is for.
 */
#ifndef TCT_PRIVILEGES_H
#define TCT_PRIVILEGES_H

/*
 * Of the calling thread and those that it starts later: effective and permitted are what is still
 * needed of what was had, inheritable and ambient nothing, the bounding set no more than permitted
 * (where there is the right to lower it), and no program that is run gains any. Threads that run
 * already keep what they have: to be called before they are started, or by each. 0, or a negative
 * errno: then some may not have been dropped.
 */
int tct_privileges_drop(void);

/*
 * Calls fn(ctx), and waits for it, in a thread without any privilege, but that to listen on a port below
 * 1024, and without signals: so are the threads that it starts, which may go on. 0 or a negative errno: it was not called.
 */
int tct_privileges_run_without(void (*fn)(void *ctx), void *ctx);

/* As words, "sys_admin,bpf"; "none". Of the calling thread. */
void tct_privileges_name(char *out, unsigned long size);

#endif
