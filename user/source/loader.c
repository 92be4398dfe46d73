// SPDX-License-Identifier: GPL-2.0
#include "loader.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../log.h"
#include "clock.h"
#include "kernel.h"
#include "privilege.h"
#include "tcpclose.skel.h"

struct tct_loader {
	struct tcpclose_bpf *skel;
};

static const struct tct_hook hooks[] = {
	{ "tct_set_state", "inet_sock_set_state", "every transition of a full socket", false },
	{ "tct_set_state_second", "inet_sock_set_state (2)", "those that interrupt the first program",
	  false },
	{ "tct_timer_start", "timer_start", "a mini-socket's arrival and re-arming", false },
	{ "tct_timer_cancel", "timer_cancel", "a mini-socket's end and its reason", false },
	{ "tct_kfree_skb", "kfree_skb (rx_sk)", "the FIN for a FIN_WAIT2 mini-socket",
	  true },
	{ NULL, NULL, NULL, false },
};

const struct tct_hook *tct_loader_hooks(void)
{
	return hooks;
}

/* The verifier would refuse a program that reads an argument the tracepoint has not. */
static bool kfree_skb_has_rx_sk(void)
{
	return tct_kernel_tracepoint_args("kfree_skb") >= 4;
}

static void set_filter(struct tcpclose_bpf *skel, const struct tct_filter_config *config)
{
	memcpy((void *)&skel->rodata->tct_filter, &config->filter, sizeof(config->filter));
	memcpy((void *)skel->rodata->tct_lports, config->lports, sizeof(config->lports));
	memcpy((void *)skel->rodata->tct_rports, config->rports, sizeof(config->rports));
	if (!config->filter.by_lport)
		bpf_map__set_max_entries(skel->maps.tct_held, 1);
}

static void leave_out_minis(struct tcpclose_bpf *skel)
{
	bpf_program__set_autoload(skel->progs.tct_timer_start, false);
	bpf_program__set_autoload(skel->progs.tct_timer_cancel, false);
	bpf_program__set_autoload(skel->progs.tct_kfree_skb, false);
}

static struct tcpclose_bpf *open_skeleton(const struct tct_filter_config *filter, bool brief)
{
	struct tcpclose_bpf *skel = tcpclose_bpf__open();

	if (!skel)
		return NULL;
	skel->rodata->tct_hz = tct_clock_hz();
	skel->bss->tct_ring_half = bpf_map__max_entries(skel->maps.tct_ring) / 2;
	skel->rodata->tct_brief = brief;
	if (brief)
		leave_out_minis(skel);
	else
		bpf_program__set_autoload(skel->progs.tct_kfree_skb, kfree_skb_has_rx_sk());
	set_filter(skel, filter);
	return skel;
}

int tct_loader_try(const struct tct_hook *hook)
{
	static const struct tct_filter_config nothing;
	struct tcpclose_bpf *skel = open_skeleton(&nothing, false);
	struct bpf_program *prog;
	int err;

	if (!skel)
		return -errno;
	if (!strcmp(hook->program, "tct_kfree_skb") && !kfree_skb_has_rx_sk()) {
		tcpclose_bpf__destroy(skel);
		return -EOPNOTSUPP;
	}
	bpf_object__for_each_program(prog, skel->obj)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), hook->program));
	err = tcpclose_bpf__load(skel);
	if (!err)
		err = tcpclose_bpf__attach(skel);
	tcpclose_bpf__destroy(skel);
	return err;
}

/* A load that failed as a whole: find the hook, so that the line names it. */
static enum tct_exit explain_failure(int err)
{
	for (const struct tct_hook *hook = hooks; hook->program; hook++) {
		int hook_err = hook->optional ? 0 : tct_loader_try(hook);

		if (!hook_err)
			continue;
		if (hook_err == -EPERM) {
			tct_log_error("not permitted to load BPF programs: run as root, or see "
				      "'tcpclose-trace check'");
			return TCT_EXIT_PRIVILEGE;
		}
		tct_log_error("this kernel does not take the hook %s (%s); try -v, or "
			      "'tcpclose-trace check'", hook->hook, strerror(-hook_err));
		return TCT_EXIT_KERNEL;
	}
	tct_log_error("loading the BPF programs failed: %s; -v tells more", strerror(-err));
	return TCT_EXIT_FAILURE;
}

enum tct_exit tct_loader_load(struct tct_loader **out, const struct tct_filter_config *filter,
			      bool brief)
{
	struct tct_loader *loader = calloc(1, sizeof(*loader));
	int err;

	if (!loader)
		return TCT_EXIT_FAILURE;
	loader->skel = open_skeleton(filter, brief);
	err = loader->skel ? tcpclose_bpf__load(loader->skel) : -errno;
	if (err) {
		tct_loader_free(loader);
		return explain_failure(err);
	}
	*out = loader;
	return TCT_EXIT_OK;
}

enum tct_exit tct_loader_attach(struct tct_loader *loader)
{
	int err = tcpclose_bpf__attach(loader->skel);

	return err ? explain_failure(err) : TCT_EXIT_OK;
}

void tct_loader_detach(struct tct_loader *loader)
{
	tcpclose_bpf__detach(loader->skel);
}

void tct_loader_free(struct tct_loader *loader)
{
	if (!loader)
		return;
	tcpclose_bpf__destroy(loader->skel);
	free(loader);
}

int tct_loader_ring_fd(const struct tct_loader *loader)
{
	return bpf_map__fd(loader->skel->maps.tct_ring);
}

volatile uint32_t *tct_loader_asleep_flag(struct tct_loader *loader)
{
	return &loader->skel->bss->tct_reader_asleep;
}

uint64_t tct_loader_lost_ring(const struct tct_loader *loader)
{
	const volatile struct tct_cpu_slot *cpus = loader->skel->bss->tct_cpus;
	int cpus_used = libbpf_num_possible_cpus();
	uint64_t lost = 0;

	if (cpus_used <= 0 || cpus_used > TCT_CPU_SLOTS)
		cpus_used = TCT_CPU_SLOTS;	/* beyond, CPUs share slots */
	for (int i = 0; i < cpus_used; i++)
		lost += cpus[i].lost_ring + cpus[i].lost_held;
	return lost;
}

static uint64_t skipped_runs(const struct bpf_program *prog)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_program__fd(prog) < 0 || bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
		return 0;
	return info.recursion_misses;
}

/*
 * The timer hooks run with interrupts off and are never skipped in fact. Of the two set_state
 * programs one always runs, and a segment that kfree_skb misses is noticed at the mini-socket's
 * end.
 */
uint64_t tct_loader_lost_hook(const struct tct_loader *loader)
{
	return skipped_runs(loader->skel->progs.tct_timer_start) +
	       skipped_runs(loader->skel->progs.tct_timer_cancel);
}
