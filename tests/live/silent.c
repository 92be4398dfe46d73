// SPDX-License-Identifier: GPL-2.0
/* A FIN that a FIN_WAIT2 mini-socket gets in its first two seconds moves no timer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "event.h"
#include "silent.h"

#define FREED_SEGMENT "/sys/kernel/tracing/events/skb/kfree_skb/format"

/* Whose a freed segment was. A kernel whose tracepoints cannot be read is taken for a new one. */
static bool segments_name_their_socket(void)
{
	FILE *file = fopen(FREED_SEGMENT, "re");
	char line[256];
	bool found = !file;

	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, " rx_sk;");
	if (file)
		fclose(file);
	return found;
}

void silent_fin_skip(const struct tracer *t)
{
	const json_t *probes = event_part(tracer_ready(t), "probes");

	if (!event_has_text(probes, "time_wait", "tracepoint") ||
	    (!getenv("TCT_BTF") && segments_name_their_socket()))
		return;
	print_message("its FIN moves no timer, and kfree_skb does not name the socket\n");
	skip();
}
