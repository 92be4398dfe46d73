// SPDX-License-Identifier: GPL-2.0
/*
 * Test build only (make kmod INJECT=1). debugfs tcpclose/inject takes one record per write, and
 * fires it through the real tracepoint, so that what no correct kernel does can be seen to reach
 * the alert:
 *   set_state FD FROM TO          states by name or number
 *   time_wait FD SUBSTATE MS      a mini-socket with the socket's tuple and cookie is made
 *   time_wait_end FD SUBSTATE     the same one leaves, its time over
 * FD is a TCP socket of the writer's own, which is left as it is. Anything else is -EINVAL, and
 * nothing is fired.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <net/sock.h>
#include <net/tcp.h>
#include "compat.h"
#include "inject.h"
#include "trace.h"

#define LINE_MAX 64
#define WORD_MAX 20	/* longer than any state's name */

static const char *const state_names[TCP_NEW_SYN_RECV + 1] = {
	[TCP_ESTABLISHED] = "ESTABLISHED",
	[TCP_SYN_SENT] = "SYN_SENT",
	[TCP_SYN_RECV] = "SYN_RECV",
	[TCP_FIN_WAIT1] = "FIN_WAIT1",
	[TCP_FIN_WAIT2] = "FIN_WAIT2",
	[TCP_TIME_WAIT] = "TIME_WAIT",
	[TCP_CLOSE] = "CLOSE",
	[TCP_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCP_LAST_ACK] = "LAST_ACK",
	[TCP_LISTEN] = "LISTEN",
	[TCP_CLOSING] = "CLOSING",
	[TCP_NEW_SYN_RECV] = "NEW_SYN_RECV",
};

static int state_parse(const char *word)
{
	int state;

	if (!strncmp(word, "TCP_", 4))
		word += 4;
	if (kstrtoint(word, 10, &state))
		state = match_string(state_names + 1, TCP_NEW_SYN_RECV, word) + 1;
	return state >= 1 && state <= TCP_NEW_SYN_RECV ? state : -EINVAL;
}

static int fire_set_state(struct sock *sk, const char *from_word, const char *to_word)
{
	int from = state_parse(from_word), to = state_parse(to_word);

	if (from < 0 || to < 0)
		return -EINVAL;
	trace_tcp_set_state(sk, from, to);
	return 0;
}

/* As inet_twsk_alloc() and tcp_time_wait() would fill it in. */
static struct tcp_timewait_sock *mini_new(const struct sock *sk, int substate, int timeo)
{
	struct tcp_timewait_sock *mini;
	struct inet_timewait_sock *tw;

	mini = kzalloc(sizeof(*mini), GFP_ATOMIC);
	if (!mini)
		return NULL;
	tw = &mini->tw_sk;
	tw->__tw_common = sk->__sk_common;
	tw->tw_dr = tct_tcp_death_row(sock_net(sk));
	tw->tw_state = TCP_TIME_WAIT;
	tw->tw_substate = substate;
	tw->tw_sport = inet_sk(sk)->inet_sport;
	tw->tw_timer.expires = jiffies + timeo;
	return mini;
}

static int substate_parse(const char *word)
{
	int state = state_parse(word);

	return state == TCP_TIME_WAIT || state == TCP_FIN_WAIT2 ? state : -EINVAL;
}

static int fire_time_wait(struct sock *sk, const char *substate_word, const char *ms_word)
{
	int substate = substate_parse(substate_word);
	struct tcp_timewait_sock *mini;
	unsigned int ms;

	if (substate < 0 || kstrtouint(ms_word, 10, &ms) || ms > INT_MAX)
		return -EINVAL;
	mini = mini_new(sk, substate, msecs_to_jiffies(ms));
	if (!mini)
		return -ENOMEM;
	trace_tcp_time_wait(&mini->tw_sk, sk, msecs_to_jiffies(ms));
	kfree(mini);
	return 0;
}

static int fire_time_wait_end(struct sock *sk, const char *substate_word, const char *unused)
{
	int substate = substate_parse(substate_word);
	struct tcp_timewait_sock *mini;

	if (substate < 0)
		return -EINVAL;
	mini = mini_new(sk, substate, 0);
	if (!mini)
		return -ENOMEM;
	trace_tcp_time_wait_end(&mini->tw_sk);
	kfree(mini);
	return 0;
}

static const struct verb {
	const char *name;
	int words;	/* after FD */
	int (*fire)(struct sock *sk, const char *first, const char *second);
} verbs[] = {
	{ "set_state", 2, fire_set_state },
	{ "time_wait", 2, fire_time_wait },
	{ "time_wait_end", 1, fire_time_wait_end },
};

static const struct verb *verb_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static bool is_tcp_socket(const struct sock *sk)
{
	return sk && (sk->sk_family == AF_INET || sk->sk_family == AF_INET6) &&
	       sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP;
}

/* In the surroundings that the kernel's own events have: socket locked, softirqs off. */
static int fire_at(int fd, const struct verb *verb, const char *first, const char *second)
{
	struct socket *sock;
	struct sock *sk;
	int err;

	sock = sockfd_lookup(fd, &err);
	if (!sock)
		return -EINVAL;
	sk = sock->sk;
	err = -EINVAL;
	if (is_tcp_socket(sk)) {
		lock_sock(sk);
		local_bh_disable();
		err = verb->fire(sk, first, second);
		local_bh_enable();
		release_sock(sk);
	}
	sockfd_put(sock);
	return err;
}

static int fire_line(const char *line)
{
	char name[WORD_MAX + 1], first[WORD_MAX + 1], second[WORD_MAX + 1], rest;
	const struct verb *verb;
	int fd, words;

	words = sscanf(line, "%20s %d %20s %20s %c", name, &fd, first, second, &rest);
	verb = words > 2 ? verb_find(name) : NULL;
	if (!verb || words != 2 + verb->words)
		return -EINVAL;
	return fire_at(fd, verb, first, second);
}

static ssize_t inject_write(struct file *file, const char __user *text, size_t count, loff_t *pos)
{
	char *line;
	int err;

	if (count > LINE_MAX)
		return -EINVAL;
	line = memdup_user_nul(text, count);
	if (IS_ERR(line))
		return PTR_ERR(line);
	err = fire_line(line);
	kfree(line);
	return err ? err : count;
}

static const struct file_operations inject_fops = {
	.owner = THIS_MODULE,
	.write = inject_write,
};

static struct dentry *inject_dir;

int tct_inject_open(void)
{
	struct dentry *file;

	inject_dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	file = debugfs_create_file("inject", 0200, inject_dir, NULL, &inject_fops);
	if (IS_ERR_OR_NULL(file)) {
		debugfs_remove(inject_dir);
		pr_err("not loaded: cannot make inject in debugfs (error %ld)\n", PTR_ERR(file));
		return file ? PTR_ERR(file) : -ENODEV;
	}
	pr_notice("test build: debugfs %s/inject forges events\n", KBUILD_MODNAME);
	return 0;
}

void tct_inject_close(void)
{
	debugfs_remove(inject_dir);
}
