// SPDX-License-Identifier: GPL-2.0
/*
 * Iterators: every TCP socket of the namespace that opens them, and every descriptor that holds
 * one, in all namespaces. They write records, so that what was there before us takes the same
 * way as what happens.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "record.h"
#include "core_fixes.bpf.h"
#include "filter.bpf.h"
#include "sock.bpf.h"
#include "lingering.bpf.h"

char LICENSE[] SEC("license") = "GPL";

__u32 tct_states = ~0U;		/* one bit a state: which sockets to write */

static __always_inline bool wanted(__u8 state)
{
	return tct_states >> (state & 31) & 1;
}

static __always_inline void rcv_age_fill(struct tcp_sock *tp, struct tct_record_sock *rec)
{
	__u32 age = (__u32)bpf_jiffies64() - tp->rcv_tstamp;

	if (!tp->rcv_tstamp)
		return;
	rec->flags |= TCT_SOCK_PEER_SEEN;
	rec->rcv_age_ns = age * (1000000000ULL / tct_hz);
}

static __always_inline void write_full(struct seq_file *seq, struct tcp_sock *tp)
{
	struct tct_record_found rec = {};

	rec.sock.from = rec.sock.to = tp->inet_conn.icsk_inet.sk.__sk_common.skc_state;
	sock_identity(DIRECT, tp, &rec.sock.id);
	if (filter_sock(&tp->inet_conn.icsk_inet.sk, &rec.sock.id) != TCT_PASS)
		return;
	sock_numbers(DIRECT, tp, &rec.sock);
	rcv_age_fill(tp, &rec.sock);
	if (!lingers(rec.sock.to)) {
		header_set(&rec.sock.h, TCT_REC_SOCK, sizeof(rec.sock));
		bpf_seq_write(seq, &rec.sock, sizeof(rec.sock));
		return;
	}
	header_set(&rec.sock.h, TCT_REC_FOUND, sizeof(rec));
	lingering_fill(tp, &rec);
	bpf_seq_write(seq, &rec, sizeof(rec));
}

static __always_inline void write_request(struct seq_file *seq, struct tcp_request_sock *req)
{
	struct sock_common *skc = &req->req.req.__req_common;
	struct tct_record_found rec = {};

	header_set(&rec.sock.h, TCT_REC_FOUND, sizeof(rec));
	rec.sock.from = rec.sock.to = TCP_NEW_SYN_RECV;
	common_fill(DIRECT, skc, &rec.sock.id);
	rec.sock.id.lport = skc->skc_num;
	if (!filter_tw(&rec.sock.id) || !filter_cgroup((struct sock *)skc->skc_listener))
		return;
	request_fill(req, &rec);
	bpf_seq_write(seq, &rec, sizeof(rec));
}

/* By TIME_WAIT, which is the state of all, or by the one that it is in. */
static __always_inline void write_mini(struct seq_file *seq, struct inet_timewait_sock *tw)
{
	struct tct_record_tw rec = {};

	if (!wanted(TCP_TIME_WAIT) && !wanted(tw->tw_substate))
		return;
	header_set(&rec.h, TCT_REC_TW_SOCK, sizeof(rec));
	tw_fill(DIRECT, tw, &rec);
	if (filter_tw(&rec.id))
		bpf_seq_write(seq, &rec, sizeof(rec));
}

SEC("iter/tcp")
int tct_iter_tcp(struct bpf_iter__tcp *ctx)
{
	struct sock_common *skc = ctx->sk_common;
	struct tcp_timewait_sock *tw;
	struct tcp_request_sock *req;
	struct tcp_sock *tp;

	if (!skc || (!wanted(skc->skc_state) && skc->skc_state != TCP_TIME_WAIT))
		return 0;
	tp = bpf_skc_to_tcp_sock(skc);
	if (tp) {
		write_full(ctx->meta->seq, tp);
		return 0;
	}
	req = bpf_skc_to_tcp_request_sock(skc);
	if (req) {
		write_request(ctx->meta->seq, req);
		return 0;
	}
	tw = bpf_skc_to_tcp_timewait_sock(skc);
	if (!tw)
		return 0;
	/* one that nobody has asked for its cookie yet has none: make it */
	if (tct_make_cookies)
		bpf_get_socket_cookie(skc);
	write_mini(ctx->meta->seq, &tw->tw_sk);
	return 0;
}

/* bpf_sock_from_file() came with 5.11 (4f19cab76136); before, a socket's file tells by itself. */
const volatile bool tct_has_sock_from_file;
const volatile __u64 tct_socket_file_ops;	/* its address, where that helper is missing */

static __always_inline struct sock *sock_of_file(struct file *file)
{
	struct socket *sock;

	if (tct_has_sock_from_file) {
		sock = bpf_sock_from_file(file);
		return sock ? sock->sk : NULL;
	}
	if ((__u64)file->f_op != tct_socket_file_ops)
		return NULL;
	sock = file->private_data;
	return BPF_CORE_READ(sock, sk);
}

/* Whether this descriptor holds a TCP socket in a wanted state, and which. */
static __always_inline bool held_socket(struct file *file, struct tct_record_owner *rec)
{
	struct sock *sk = sock_of_file(file);

	if (!sk || READ(PROBE_READ, sk, sk_protocol) != IPPROTO_TCP ||
	    !wanted(READ(PROBE_READ, sk, __sk_common.skc_state)))
		return false;
	rec->address = (__u64)sk;
	rec->cookie = READ(PROBE_READ, sk, __sk_common.skc_cookie.counter);
	rec->netns = netns_of(PROBE_READ, &sk->__sk_common);
	return true;
}

SEC("iter/task_file")
int tct_iter_task_file(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct tct_record_owner rec = {};
	struct file *file = ctx->file;

	if (!task || !file || !held_socket(file, &rec))
		return 0;
	header_set(&rec.h, TCT_REC_OWNER, sizeof(rec));
	rec.pid = task->tgid;
	rec.fd = ctx->fd;
	BPF_CORE_READ_STR_INTO(&rec.comm, task, group_leader, comm);
	bpf_seq_write(ctx->meta->seq, &rec, sizeof(rec));
	return 0;
}
