// SPDX-License-Identifier: GPL-2.0
/* The limit: what the tracepoint costs when the program on it does nothing. */
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tp_btf/inet_sock_set_state")
int bench_empty(unsigned long long *ctx)
{
	(void)ctx;
	return 0;
}
