// SPDX-License-Identifier: GPL-2.0
/* Makes the tracepoints of trace.h, with what filling their fields needs. */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/sock.h>

/* An IPv6 socket's IPv4 fields hold a placeholder (127.0.0.6) unless it speaks IPv4. */
static __be32 v4_of(const struct in6_addr *addr)
{
	return ipv6_addr_v4mapped(addr) ? addr->s6_addr32[3] : 0;
}

static void tct_fill_addrs(const struct sock_common *skc, __be32 from, __u8 *saddr, __u8 *daddr,
			   __u8 *saddr_v6, __u8 *daddr_v6)
{
	__be32 to = skc->skc_daddr;
	struct in6_addr from6, to6;

#if IS_ENABLED(CONFIG_IPV6)
	if (skc->skc_family == AF_INET6) {
		from6 = skc->skc_v6_rcv_saddr;
		to6 = skc->skc_v6_daddr;
		from = v4_of(&from6);
		to = v4_of(&to6);
	} else
#endif
	{
		ipv6_addr_set_v4mapped(from, &from6);
		ipv6_addr_set_v4mapped(to, &to6);
	}
	memcpy(saddr, &from, sizeof(from));
	memcpy(daddr, &to, sizeof(to));
	memcpy(saddr_v6, &from6, sizeof(from6));
	memcpy(daddr_v6, &to6, sizeof(to6));
}

static int tct_left_ms(const struct inet_timewait_sock *tw)
{
	long left = (long)(READ_ONCE(tw->tw_timer.expires) - jiffies);

	return left < 0 ? -(int)jiffies_to_msecs(-left) : (int)jiffies_to_msecs(left);
}

#define CREATE_TRACE_POINTS
#include "trace.h"

/* As the first listener comes and the last one has gone; under tracepoints_mutex: take no lock. */
int tct_trace_hold(void)
{
	return try_module_get(THIS_MODULE) ? 0 : -ENOENT;
}

void tct_trace_release(void)
{
	module_put(THIS_MODULE);
}
