// SPDX-License-Identifier: GPL-2.0
#include "sample.h"

#include <string.h>
#include <sys/socket.h>

#define LONG_NS (999 * SAMPLE_DAY_NS + SAMPLE_DAY_NS - 1)	/* 999d23h */
#define MILLIONS 12345678u

struct tct_subject sample_subject(void)
{
	struct tct_subject who = {
		.cookie = 0x7fffffffffffffff,
		.netns = 4026531840,
		.tuple = { .family = AF_INET6, .lport = 65535, .rport = 65535 },
		.task = { .pid = 4194304, .source = TCT_OWNER_CONNECT, .comm = "fifteen-letters" },
	};

	memset(who.tuple.laddr, 0xff, sizeof(who.tuple.laddr));
	memset(who.tuple.raddr, 0xff, sizeof(who.tuple.raddr));
	who.tuple.laddr[15] = 0xfe;
	return who;
}

struct tct_transition sample_transition(void)
{
	return (struct tct_transition){ .mono_ns = SAMPLE_MONO_NS, .who = sample_subject(),
					.from = TCT_ESTABLISHED, .to = TCT_ESTABLISHED,
					.dwell_ns = LONG_NS };
}

struct tct_time_wait sample_time_wait(void)
{
	return (struct tct_time_wait){ .mono_ns = SAMPLE_MONO_NS, .who = sample_subject(),
				       .substate = TCT_FIN_WAIT2, .duration_ns = LONG_NS,
				       .life_ns = LONG_NS, .end = TCT_END_FIN_ARRIVED,
				       .rearmed = 3 };
}

struct tct_teardown sample_teardown(void)
{
	struct tct_teardown ev = { .mono_ns = SAMPLE_MONO_NS, .who = sample_subject(),
				   .kind = TCT_KIND_RESET_RECEIVED, .closer = TCT_CLOSER_REMOTE,
				   .fin_retransmits = 4, .half_close_ns = 5,
				   .bytes_after_fin = 6,
				   .reset_reason = "tcp-disconnect-with-data" };

	for (int s = 0; s < TCT_STATES; s++)
		ev.dwell_ns[s] = TCT_UNKNOWN;
	ev.dwell_ns[TCT_ESTABLISHED] = 100;
	ev.dwell_ns[TCT_FIN_WAIT1] = 200;
	return ev;
}

struct tct_ready sample_ready(void)
{
	struct tct_ready ev = { .mono_ns = SAMPLE_MONO_NS, .set_state = "tracepoint",
				.time_wait = "tracepoint", .time_wait_end = "tracepoint",
				.reset = "tracepoint",
				.kernel = "5.15.0-1053-intel-iotg-realtime" };

	for (int s = TCT_NONE + 1; s < TCT_STATES; s++)
		ev.by_state[s] = MILLIONS;
	ev.mirrored = MILLIONS;
	return ev;
}

struct tct_summary sample_summary(void)
{
	struct tct_summary ev = { .mono_ns = SAMPLE_MONO_NS, .events = UINT64_MAX / 2,
				  .lost = UINT64_MAX / 3, .repaired = 1, .illegal = UINT64_MAX / 4,
				  .gaps = 2, .findings = UINT64_MAX / 5, .mirrored = MILLIONS,
				  .duration_ns = LONG_NS };

	for (int k = 0; k < TCT_KINDS; k++)
		ev.teardowns[k] = UINT64_MAX / 6;
	return ev;
}

struct tct_finding sample_finding(void)
{
	struct tct_finding ev = { .mono_ns = SAMPLE_MONO_NS, .id = 17, .rule = "stuck-close-wait",
				  .severity = TCT_WARNING, .state = TCT_CLOSE_WAIT,
				  .to = TCT_CLOSE_WAIT, .verdict = TCT_UNREAD_DATA,
				  .unread_bytes = UINT64_MAX / 2, .count = MILLIONS,
				  .oldest_ns = LONG_NS, .at_least = true, .first_mono_ns = 1,
				  .netns = 4026531840, .port = 65535,
				  .confidence = TCT_DEGRADED,
				  .advice = "close the socket when the peer has closed it, in "
					    "every path of the program, errors too" };

	for (int v = TCT_VERDICT_NONE + 1; v < TCT_VERDICTS; v++)
		ev.verdicts[v] = MILLIONS / TCT_VERDICTS;
	return ev;
}

struct tct_holder sample_holder(const char *fds)
{
	return (struct tct_holder){ .pid = 4194304, .fd = 1048575, .count = MILLIONS,
				    .comm = "fifteen-letters", .fds = fds,
				    .cgroup = "/kubepods.slice/kubepods-pod.slice/leaky.scope" };
}
