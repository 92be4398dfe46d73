/* SPDX-License-Identifier: GPL-2.0 */
/* Mini-sockets: their arrival, re-arming and end, told by their functions or by their timer. */
#ifndef TCT_TIMEWAIT_BPF_H
#define TCT_TIMEWAIT_BPF_H

const volatile __u64 tct_tw_timer_handler;	/* its address; set before load */

/* Whether it is to be told; then all but the tag is filled in. */
static __always_inline bool tw_passes(bool direct, struct inet_timewait_sock *tw,
				      struct tct_record_tw *rec)
{
	if (tct_thin)
		return false;
	tw_fill(direct, tw, rec);
	if (tct_replacing)
		rec->flags |= TCT_TW_SECOND;
	return filter_tw(&rec->id);
}

static __always_inline int tw_emit(struct tct_record_tw *rec, __u8 tag)
{
	header_set(&rec->h, tag, sizeof(*rec));
	return emit(rec, sizeof(*rec), rec->id.cookie);
}

static __always_inline int on_tw_start(bool direct, struct inet_timewait_sock *tw)
{
	struct tct_record_tw rec;

	return tw_passes(direct, tw, &rec) ? tw_emit(&rec, TCT_REC_TW_START) : 0;
}

/* From a hook that runs before the timer is armed. */
static __always_inline int on_tw_arm(bool direct, struct inet_timewait_sock *tw, int jiffies,
				     __u8 tag)
{
	struct tct_record_tw rec;

	if (!tw_passes(direct, tw, &rec))
		return 0;
	rec.left_jiffies = jiffies;
	return tw_emit(&rec, tag);
}

static __always_inline int on_tw_segment(bool direct, struct inet_timewait_sock *tw)
{
	struct tct_record_tw rec;

	return tw_passes(direct, tw, &rec) ? tw_emit(&rec, TCT_REC_TW_SEGMENT) : 0;
}

/*
 * With the kernel stack, which has the reason. Each frame costs some 200 ns; past its time nearly
 * every mini-socket ends by its own timer, `overdue_frames` calls away. `caller`: of the function
 * that is traced, where the stack may lack it, instead of that function; else 0.
 */
static __always_inline int on_tw_stop(bool direct, void *ctx, struct inet_timewait_sock *tw,
				      __u8 tag, __u32 overdue_frames, __u64 caller)
{
	struct tct_record_tw_cancel rec;

	if (!tw_passes(direct, tw, &rec.tw))
		return 0;
	header_set(&rec.tw.h, tag, sizeof(rec));
	__builtin_memset(rec.stack, 0, sizeof(rec.stack));
	if (rec.tw.left_jiffies <= 0)
		bpf_get_stack(ctx, rec.stack, overdue_frames * sizeof(rec.stack[0]), 0);
	else
		bpf_get_stack(ctx, rec.stack, sizeof(rec.stack), 0);
	if (caller)
		rec.stack[0] = caller;
	return emit(&rec, sizeof(rec), rec.tw.id.cookie);
}

/* Nearly all timers are others and leave after one compare. */
static __always_inline struct inet_timewait_sock *tw_of(bool direct, struct timer_list *timer)
{
	if ((__u64)READ(direct, timer, function) != tct_tw_timer_handler)
		return NULL;
	return (void *)timer - bpf_core_field_offset(struct inet_timewait_sock, tw_timer);
}

#endif
