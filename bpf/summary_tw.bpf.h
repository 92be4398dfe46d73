/* SPDX-License-Identifier: GPL-2.0 */
/* --mode=summary: mini-sockets, counted from their arrival to their end. */
#ifndef TCT_SUMMARY_TW_BPF_H
#define TCT_SUMMARY_TW_BPF_H

/* The last end that was counted on this CPU: taken back when it was but a timer that moves. */
struct mini_end {
	struct tct_mini mini;
	__u64 address;		/* it may be another's by now: */
	__u64 cookie;
	__u64 time_ns;
	__u64 max_ns;		/* of its state to CLOSE, before it */
	bool known;		/* `mini` is what was kept of it */
	__u32 state;		/* it left; TIME_WAIT when a FIN that nobody saw had come */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mini_end);
} tct_mini_ends SEC(".maps");

static __always_inline void fin_count(struct tct_mini *mini, __u64 now_ns, enum writer writer)
{
	count(TCP_FIN_WAIT2, TCP_TIME_WAIT, mini->entered_ns, now_ns, writer);
	mini->substate = TCP_TIME_WAIT;
	mini->entered_ns = now_ns;
}

/* It was no end: all is again as it was before. */
static __always_inline void end_take_back(struct mini_end *end)
{
	bool unseen = end->state != end->mini.substate;
	struct tct_dwell *dwell = dwell_of(end->state, TCP_CLOSE);
	struct tct_dwell *fin = dwell_of(TCP_FIN_WAIT2, TCP_TIME_WAIT);

	if (!dwell || !fin)
		return;
	dwell_add(dwell, unseen ? 0 : end->mini.entered_ns, end->time_ns, -1);
	dwell->max_ns[BY_CANCEL] = end->max_ns;
	if (unseen)
		dwell_add(fin, 0, 0, -1);
	if (end->known && bpf_map_update_elem(&tct_minis, &end->cookie, &end->mini, BPF_ANY))
		count_unkept();
}

static __always_inline bool tw_is_wanted(struct inet_timewait_sock *tw)
{
	if (!tct_filter.family && !tct_filter.netns)
		return true;
	return filter_namespace(READ(PROBE_READ, tw, __tw_common.skc_family),
				netns_of(PROBE_READ, &tw->__tw_common));
}

/* Whether its timer, which has just been cancelled on this CPU, only moves. */
static __always_inline bool end_was_none(struct inet_timewait_sock *tw, __u64 cookie)
{
	__u32 first = 0;
	struct mini_end *end = bpf_map_lookup_elem(&tct_mini_ends, &first);

	if (!end || end->address != (__u64)tw || end->cookie != cookie)
		return false;
	end->address = 0;
	end_take_back(end);
	return true;
}

static __always_inline int count_tw_start(struct inet_timewait_sock *tw)
{
	__u64 cookie = READ(PROBE_READ, tw, __tw_common.skc_cookie.counter);
	bool moved = end_was_none(tw, cookie);
	struct tct_mini *mini, fresh = { .announced = moved };
	__u64 now_ns = bpf_ktime_get_ns();

	if (!cookie || !tw_is_wanted(tw))
		return 0;
	fresh.entered_ns = moved ? 0 : now_ns;
	fresh.substate = READ(PROBE_READ, tw, tw_substate);
	if (!bpf_map_update_elem(&tct_minis, &cookie, &fresh, BPF_NOEXIST))
		return 0;
	mini = bpf_map_lookup_elem(&tct_minis, &cookie);
	if (!mini)
		count_unkept();
	else if (mini->substate == TCP_FIN_WAIT2 && fresh.substate == TCP_TIME_WAIT)
		fin_count(mini, now_ns, BY_START);
	return 0;
}

static __always_inline int count_tw_segment(struct inet_timewait_sock *tw)
{
	__u64 cookie = READ(PROBE_READ, tw, __tw_common.skc_cookie.counter);
	struct tct_mini *mini;

	if (READ(PROBE_READ, tw, tw_substate) != TCP_TIME_WAIT)
		return 0;
	mini = bpf_map_lookup_elem(&tct_minis, &cookie);
	if (mini && mini->substate == TCP_FIN_WAIT2)
		fin_count(mini, bpf_ktime_get_ns(), BY_SEGMENT);
	return 0;
}

static __always_inline int count_tw_cancel(struct inet_timewait_sock *tw)
{
	__u64 cookie = READ(PROBE_READ, tw, __tw_common.skc_cookie.counter);
	unsigned long expires = READ(PROBE_READ, tw, tw_timer.expires);
	struct tct_dwell *dwell;
	struct tct_mini *mini;
	struct mini_end *end;
	__u32 first = 0;
	bool seen;

	end = bpf_map_lookup_elem(&tct_mini_ends, &first);
	if (!end || !tw_is_wanted(tw))
		return 0;
	end->state = READ(PROBE_READ, tw, tw_substate);
	end->mini = (struct tct_mini){ .substate = end->state, .announced = 1 };
	mini = bpf_map_lookup_elem(&tct_minis, &cookie);
	end->cookie = cookie;
	end->known = mini;
	if (mini) {
		end->mini = *mini;
		bpf_map_delete_elem(&tct_minis, &cookie);
	}
	end->address = (long)(expires - (unsigned long)bpf_jiffies64()) > 0 ? (__u64)tw : 0;
	end->time_ns = bpf_ktime_get_ns();
	dwell = dwell_of(end->state, TCP_CLOSE);
	end->max_ns = dwell ? dwell->max_ns[BY_CANCEL] : 0;
	seen = end->state == end->mini.substate;
	if (!seen)
		count(TCP_FIN_WAIT2, TCP_TIME_WAIT, 0, 0, BY_CANCEL);
	count(end->state, TCP_CLOSE, seen ? end->mini.entered_ns : 0, end->time_ns, BY_CANCEL);
	return 0;
}

#endif
