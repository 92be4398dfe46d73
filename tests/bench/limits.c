// SPDX-License-Identifier: GPL-2.0
/* What held a load generator back, from the kernel's counters. */
#include "limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* /proc/net/snmp and netstat: a line of names, then a line of values, both starting with the group. */
static unsigned long long counter_in(char *names, char *values, const char *wanted)
{
	char *save_name, *save_value;
	char *name = strtok_r(names, " \n", &save_name);
	char *value = strtok_r(values, " \n", &save_value);

	while (name && value) {
		if (!strcmp(name, wanted))
			return strtoull(value, NULL, 10);
		name = strtok_r(NULL, " \n", &save_name);
		value = strtok_r(NULL, " \n", &save_value);
	}
	return 0;
}

static unsigned long long counter_read(const char *path, const char *group, const char *wanted)
{
	static char names[8192], values[8192];
	unsigned long long count = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return 0;
	while (fgets(names, sizeof(names), file) && fgets(values, sizeof(values), file)) {
		if (strncmp(names, group, strlen(group)))
			continue;
		count = counter_in(names, values, wanted);
		break;
	}
	fclose(file);
	return count;
}

static void ticks_read(struct limits *now)
{
	unsigned long long user, nice, system, idle, iowait, irq, softirq, steal;
	FILE *file = fopen("/proc/stat", "re");

	if (!file)
		return;
	if (fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle, &iowait, &irq,
		   &softirq, &steal) == 8) {
		now->idle_ticks = idle + iowait;
		now->busy_ticks = user + nice + system + irq + softirq + steal;
	}
	fclose(file);
}

void limits_read(struct limits *now)
{
	memset(now, 0, sizeof(*now));
	now->tw_overflow = counter_read("/proc/self/net/netstat", "TcpExt:", "TCPTimeWaitOverflow");
	now->listen_overflow = counter_read("/proc/self/net/netstat", "TcpExt:", "ListenOverflows");
	now->retransmitted = counter_read("/proc/self/net/snmp", "Tcp:", "RetransSegs");
	ticks_read(now);
}

const char *limits_name(const struct limits *before, const struct limits *after,
			unsigned long connections, unsigned long no_port)
{
	unsigned long long idle = after->idle_ticks - before->idle_ticks;
	unsigned long long busy = after->busy_ticks - before->busy_ticks;

	if (no_port)
		return "ports";
	if (after->tw_overflow > before->tw_overflow)
		return "tw_buckets";
	if (after->listen_overflow > before->listen_overflow)
		return "backlog";
	/* One waits 200 ms, a connection takes well under 0.1 ms: a thousandth of them is felt. */
	if ((after->retransmitted - before->retransmitted) * 1000 > connections)
		return "retransmits";
	return idle * 5 > idle + busy ? "wakeups" : "cpu";
}
