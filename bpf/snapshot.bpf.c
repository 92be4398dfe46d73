// SPDX-License-Identifier: GPL-2.0
/*
 * Iterators: every TCP socket of the namespace that opens them, every descriptor that holds one, in
 * all namespaces, and every thread and file that holds a namespace. They write records, so that
 * what was there before us takes the same way as what happens.
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
#include "stay.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define NSFS_MAGIC 0x6e736673

__u32 tct_states = ~0U;		/* one bit a state: which sockets to write */
__u32 tct_owner_states;		/* likewise: whose descriptors */
bool tct_by_key;		/* and of those only the ones in tct_keys */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TCT_KEYS_MAX);
	__uint(map_flags, 1 /* BPF_F_NO_PREALLOC */);
	__type(key, struct tct_socket_key);
	__type(value, __u8);
} tct_keys SEC(".maps");

static __always_inline bool wanted(__u8 state)
{
	return tct_states >> (state & 31) & 1;
}

static __always_inline bool asked(__u64 cookie, __u64 address)
{
	struct tct_socket_key key = { .cookie = cookie, .address = cookie ? 0 : address };

	return !tct_by_key || bpf_map_lookup_elem(&tct_keys, &key);
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
	if (filter_sock(&tp->inet_conn.icsk_inet.sk, &rec.sock.id) != TCT_PASS ||
	    !asked(rec.sock.id.cookie, rec.sock.id.address))
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
	rec.sock.id.cookie = 0;	/* its child's, which is another socket */
	if (tct_by_key || !filter_tw(&rec.sock.id) ||
	    !filter_cgroup((struct sock *)skc->skc_listener))
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
	if (filter_tw(&rec.id) && asked(rec.id.cookie, rec.id.address))
		bpf_seq_write(seq, &rec, sizeof(rec));
}

/* one that nobody has asked for its cookie yet has none: make it */
static __always_inline void make_cookie(struct sock_common *skc)
{
	if (tct_make_cookies)
		bpf_get_socket_cookie(skc);
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
	make_cookie(skc);
	write_mini(ctx->meta->seq, &tw->tw_sk);
	return 0;
}

/* Of `id` only what the filters and a brief record need is filled in, the rest compiled away. */
static __always_inline void write_present(struct seq_file *seq, const struct tct_record_id *id,
					  __u8 state, __u8 flags)
{
	struct tct_record_present rec = {};

	header_set(&rec.h, TCT_REC_PRESENT, sizeof(rec));
	rec.state = state;
	rec.flags = flags;
	rec.time_ns = id->time_ns;
	rec.cookie = id->cookie;
	rec.address = id->address;
	rec.netns = id->netns;
	bpf_seq_write(seq, &rec, sizeof(rec));
}

static __always_inline void present_full(struct seq_file *seq, struct tcp_sock *tp)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;
	struct tct_record_id id = {};

	sock_identity(DIRECT, tp, &id);
	if (filter_sock(sk, &id) == TCT_PASS)
		write_present(seq, &id, sk->__sk_common.skc_state, 0);
}

static __always_inline void present_request(struct seq_file *seq, struct sock_common *skc)
{
	struct tct_record_id id = {};

	common_fill(DIRECT, skc, &id);
	id.cookie = 0;
	if (filter_tw(&id) && filter_cgroup((struct sock *)skc->skc_listener))
		write_present(seq, &id, TCP_NEW_SYN_RECV, 0);
}

static __always_inline void present_mini(struct seq_file *seq, struct inet_timewait_sock *tw)
{
	struct tct_record_tw rec = {};

	tw_fill(DIRECT, tw, &rec);
	if (filter_tw(&rec.id))
		write_present(seq, &rec.id, rec.substate, TCT_PRESENT_MINI);
}

SEC("iter/tcp")
int tct_iter_present(struct bpf_iter__tcp *ctx)
{
	struct sock_common *skc = ctx->sk_common;
	struct seq_file *seq = ctx->meta->seq;
	struct tcp_timewait_sock *tw;
	struct tcp_request_sock *req;
	struct tcp_sock *tp;

	if (!skc)
		return 0;
	tp = bpf_skc_to_tcp_sock(skc);
	if (tp) {
		present_full(seq, tp);
		return 0;
	}
	tw = bpf_skc_to_tcp_timewait_sock(skc);
	if (tw) {
		make_cookie(skc);
		present_mini(seq, &tw->tw_sk);
		return 0;
	}
	req = bpf_skc_to_tcp_request_sock(skc);
	if (req)
		present_request(seq, &req->req.req.__req_common);
	return 0;
}

/* --mode=summary: what has been in its state for so long is told, once an epoch. */
__u64 tct_least_ns[1 << TCT_PAIR_SHIFT];
__u32 tct_epoch;
bool tct_keeps_minis;	/* those that are there are to be known by their cookies */
__u64 tct_stays_made;	/* since the start */
__u64 tct_stays_unkept;	/* found no room when all that was there was read */

static __always_inline bool is_young(const struct tct_stay *stay, __u8 state, __u64 now_ns)
{
	return stay->entered_ns && stay->to == state &&
	       now_ns - stay->entered_ns < tct_least_ns[state & ((1 << TCT_PAIR_SHIFT) - 1)];
}

/* Made for one that was there before us. */
static __always_inline struct tct_stay *stay_of(__u64 key)
{
	struct tct_stay *stay = bpf_map_lookup_elem(&tct_stays, &key), none = {};

	if (stay)
		return stay;
	if (!bpf_map_update_elem(&tct_stays, &key, &none, BPF_NOEXIST))
		__sync_fetch_and_add(&tct_stays_made, 1);
	else if (tct_keeps_minis)
		__sync_fetch_and_add(&tct_stays_unkept, 1);
	return bpf_map_lookup_elem(&tct_stays, &key);
}

static __always_inline void write_stay(struct seq_file *seq, struct tcp_sock *tp)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;
	struct tct_record_stays rec = {};
	struct tct_record_sock *sock = &rec.found.sock;
	__u64 key = (__u64)sk;
	struct tct_stay *stay = bpf_map_lookup_elem(&tct_stays, &key);
	__u8 state = sk->__sk_common.skc_state;

	if (stay && (stay->told == tct_epoch || is_young(stay, state, bpf_ktime_get_ns())))
		return;
	sock_identity(DIRECT, tp, &sock->id);
	if (filter_sock(sk, &sock->id) != TCT_PASS)
		return;
	stay = stay_of(key);
	if (!stay)
		return;
	sock->from = sock->to = state;
	sock_numbers(DIRECT, tp, sock);
	rcv_age_fill(tp, sock);
	lingering_fill(tp, &rec.found);
	header_set(&sock->h, TCT_REC_STAYS, sizeof(rec));
	rec.flags = stay->flags;
	if (stay->to == state)
		rec.entered_ns = stay->entered_ns;
	stay->told = tct_epoch;
	bpf_seq_write(seq, &rec, sizeof(rec));
}

static __always_inline void keep_mini(struct inet_timewait_sock *tw)
{
	struct tct_mini mini = { .substate = tw->tw_substate, .announced = 1 };
	__u64 cookie = tw->__tw_common.skc_cookie.counter;

	if (filter_namespace(tw->__tw_common.skc_family, netns_of(DIRECT, &tw->__tw_common)))
		bpf_map_update_elem(&tct_minis, &cookie, &mini, BPF_NOEXIST);
}

/* Its mini-socket is found by its cookie: one that had no event since we came has none yet. */
static __always_inline bool is_or_becomes_mini(__u8 state)
{
	return state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2 || state == TCP_CLOSING ||
	       state == TCP_TIME_WAIT;
}

SEC("iter/tcp")
int tct_iter_stay(struct bpf_iter__tcp *ctx)
{
	struct sock_common *skc = ctx->sk_common;
	struct tcp_timewait_sock *tw;
	struct tcp_sock *tp;

	if (!skc)
		return 0;
	if (tct_keeps_minis && is_or_becomes_mini(skc->skc_state))
		make_cookie(skc);
	if (!wanted(skc->skc_state) && skc->skc_state != TCP_TIME_WAIT)
		return 0;
	tp = bpf_skc_to_tcp_sock(skc);
	if (tp) {
		write_stay(ctx->meta->seq, tp);
		return 0;
	}
	tw = tct_keeps_minis ? bpf_skc_to_tcp_timewait_sock(skc) : NULL;
	if (tw)
		keep_mini(&tw->tw_sk);
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

/*
 * Whether this descriptor holds a TCP socket in a wanted state, and which. Where the helper is, its
 * socket is known to the verifier, and read as it is. The state comes first: it is in the first
 * cache line, and most sockets need no other. Sockets are read at the same time: whoever comes
 * first makes the cookie that both tell.
 */
static __always_inline bool held_socket(bool direct, struct file *file,
					struct tct_record_owner *rec)
{
	struct sock *sk = sock_of_file(file);

	if (!sk || !(tct_owner_states >> (READ(direct, sk, __sk_common.skc_state) & 31) & 1) ||
	    READ(direct, sk, sk_protocol) != IPPROTO_TCP)
		return false;
	rec->address = (__u64)sk;
	rec->cookie = fix_cookie(direct, sk, READ(direct, sk, __sk_common.skc_cookie.counter));
	rec->netns = netns_of(direct, &sk->__sk_common);
	return !tct_filter.netns || tct_filter.netns == rec->netns;
}

SEC("iter/task_file")
int tct_iter_owner(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct tct_record_owner rec = {};
	struct file *file = ctx->file;

	if (!task || !file)
		return 0;
	if (tct_has_sock_from_file ? !held_socket(DIRECT, file, &rec)
				   : !held_socket(PROBE_READ, file, &rec))
		return 0;
	header_set(&rec.h, TCT_REC_OWNER, sizeof(rec));
	rec.pid = task->tgid;
	rec.fd = ctx->fd;
	__builtin_memcpy(rec.comm, task->group_leader->comm, sizeof(rec.comm));
	bpf_seq_write(ctx->meta->seq, &rec, sizeof(rec));
	return 0;
}

static __always_inline void write_holder(struct seq_file *seq, struct task_struct *task, __u32 fd,
					 __u32 netns, __u32 mntns)
{
	struct tct_record_holder rec = {};

	header_set(&rec.h, TCT_REC_HOLDER, sizeof(rec));
	rec.pid = task->tgid;
	rec.tid = task->pid;
	rec.fd = fd;
	rec.netns = netns;
	rec.mntns = mntns;
	bpf_seq_write(seq, &rec, sizeof(rec));
}

/* Of the last socket that was told: most come in long runs of one namespace. */
__u32 tct_told_netns;

static __always_inline __u32 netns_of_file(struct file *file)
{
	struct sock *sk = sock_of_file(file);
	__u32 netns;

	if (!sk)
		return file->f_inode->i_sb->s_magic == NSFS_MAGIC ? file->f_inode->i_ino : 0;
	netns = netns_of(PROBE_READ, &sk->__sk_common);
	if (netns == tct_told_netns)
		return 0;
	tct_told_netns = netns;
	return netns;
}

SEC("iter/task_file")
int tct_iter_holder(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	__u32 netns;

	if (!task || !file)
		return 0;
	netns = netns_of_file(file);
	if (netns)
		write_holder(ctx->meta->seq, task, ctx->fd, netns, 0);
	return 0;
}

/* All that the kernel has, whoever holds them. More than MAX: not known. */
struct tct_namespace tct_namespaces[TCT_NAMESPACES_MAX];
__u32 tct_namespace_count;

_Static_assert(!(TCT_NAMESPACES_MAX & (TCT_NAMESPACES_MAX - 1)), "a mask bounds it");

/* Where the next one is. Global: the verifier looks at it once, not at each of its calls. */
__noinline __u64 list_namespace(__u64 i, __u64 at, __u64 ops)
{
	struct tct_namespace *out = &tct_namespaces[i & (TCT_NAMESPACES_MAX - 1)];
	struct net *net = (void *)at;

	out->inode = (__u64)BPF_CORE_READ(net, ns.ops) == ops ? BPF_CORE_READ(net, ns.inum) : 0;
	out->id = fix_ns_id(&net->ns);
	return (__u64)BPF_CORE_READ(net, list.next) - bpf_core_field_offset(struct net, list);
}

/*
 * Round the kernel's list, from our own namespace back to it: one of its members is not a
 * namespace but its head, and has no operations of one. A list that changes as we go may lead
 * astray: then it does not come back.
 */
static __always_inline void list_namespaces(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 own = (__u64)BPF_CORE_READ(task, nsproxy, net_ns), net = own;
	__u64 ops = (__u64)BPF_CORE_READ((struct net *)own, ns.ops);

	tct_namespace_count = TCT_NAMESPACES_MAX + 1;
	for (__u32 i = 0; i < TCT_NAMESPACES_MAX; i++) {
		net = list_namespace(i, net, ops);
		if (net == own) {
			tct_namespace_count = i + 1;
			return;
		}
	}
}

SEC("iter/task")
int tct_iter_thread(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	__u32 netns;

	if (!task)
		return 0;
	if (!ctx->meta->seq_num)
		list_namespaces();
	netns = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);	/* none once it is ending */
	if (netns)
		write_holder(ctx->meta->seq, task, TCT_HOLDER_THREAD, netns,
			     BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum));
	return 0;
}
