// SPDX-License-Identifier: GPL-2.0
/* tcpclose.ko: the tracepoints that the kernel lacks to follow a TCP teardown to its end. */
#include <linux/module.h>
#include "inject.h"
#include "probe.h"

static int __init tct_init(void)
{
	int err;

	err = tct_probe_minis_attach();
	if (err)
		return err;
	err = tct_probe_states_attach();
	if (err)
		goto detach_minis;
	err = tct_inject_open();
	if (err)
		goto detach_states;
	return 0;

detach_states:
	tct_probe_states_detach();
detach_minis:
	tct_probe_minis_detach();
	return err;
}

/* Only when nobody uses a tracepoint through perf or BPF: each of these holds the module. */
static void __exit tct_exit(void)
{
	tct_inject_close();
	tct_probe_states_detach();
	tct_probe_minis_detach();
}

module_init(tct_init);
module_exit(tct_exit);

MODULE_DESCRIPTION("Tracepoints for TCP state transitions and TIME_WAIT mini-sockets");
MODULE_AUTHOR("tcpclose-trace");
MODULE_LICENSE("GPL");
#ifdef TCT_VERSION
MODULE_VERSION(__stringify(TCT_VERSION));
#endif
