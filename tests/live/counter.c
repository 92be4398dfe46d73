// SPDX-License-Identifier: GPL-2.0
/* The transitions of the current namespace, counted by programs of the test's own. */
#include <stdbool.h>
#include <stddef.h>

#include "counter.skel.h"

#include "counter.h"
#include "fatal.h"
#include "netns.h"

struct counter {
	struct counter_bpf *bpf;
};

static int say_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

struct counter *counter_start(void)
{
	struct counter *counter = calloc(1, sizeof(*counter));

	fatal_unless(counter, "memory");
	libbpf_set_print(say_nothing);
	counter->bpf = counter_bpf__open();
	fatal_unless(counter->bpf, "the counter");
	counter->bpf->rodata->counter_netns = (uint32_t)netns_inode();
	if (counter_bpf__load(counter->bpf))
		fatal_skip("the counter's programs cannot be loaded");
	fatal_unless(!counter_bpf__attach(counter->bpf), "attach the counter");
	return counter;
}

uint64_t counter_read(const struct counter *counter)
{
	const size_t cpus = sizeof(counter->bpf->bss->counter_counts) /
			    sizeof(counter->bpf->bss->counter_counts[0]);
	uint64_t sum = 0;

	for (size_t i = 0; i < cpus; i++)
		sum += __atomic_load_n(&counter->bpf->bss->counter_counts[i][0], __ATOMIC_RELAXED);
	return sum;
}

void counter_end(struct counter *counter)
{
	counter_bpf__destroy(counter->bpf);
	free(counter);
}
