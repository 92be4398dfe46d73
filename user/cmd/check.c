// SPDX-License-Identifier: GPL-2.0
/* What this kernel offers: each hook loaded and attached on its own, and let go again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "../core/end.h"
#include "../log.h"
#include "../sink/json.h"
#include "../source/clock.h"
#include "../source/kallsyms.h"
#include "../source/kernel.h"
#include "../source/loader.h"
#include "../source/privilege.h"
#include "../source/snapshot.h"
#include "cmd.h"
#include "output.h"

struct row {
	const char *name;
	const char *use;
	const char *provider;	/* NULL: not offered */
	const char *problem;	/* NULL: none */
	bool optional;
};

#define ROWS_MAX 12

static const char *why(int err)
{
	switch (-err) {
	case EPERM:
		return "not permitted";
	case EOPNOTSUPP:
		return "this kernel's tracepoint lacks the argument";
	case ENOENT:
	case ESRCH:
		return "no such tracepoint in this kernel's BTF";
	default:
		return strerror(-err);
	}
}

static size_t check_hooks(struct row *rows)
{
	size_t count = 0;

	for (const struct tct_hook *hook = tct_loader_hooks(); hook->program; hook++) {
		int err = tct_loader_try(hook);

		rows[count++] = (struct row){
			.name = hook->hook,
			.use = hook->use,
			.provider = err ? NULL : "tracepoint",
			.problem = err ? why(err) : NULL,
			.optional = hook->optional,
		};
	}
	return count;
}

static struct row check_iterators(void)
{
	static const struct tct_filter_config nothing;
	struct row row = { .name = "iter/tcp, iter/task_file",
			   .use = "what was there before, and who holds it" };
	struct tct_snapshot *snapshot;
	enum tct_exit status = tct_snapshot_load(&snapshot, &nothing);

	if (status) {
		row.problem = status == TCT_EXIT_PRIVILEGE ? "not permitted" : "does not load";
		return row;
	}
	tct_snapshot_free(snapshot);
	row.provider = "iterator";
	return row;
}

static struct row check_symbols(void)
{
	struct tct_end_symbol symbols[TCT_END_SYMBOLS_MAX];
	int found = tct_kallsyms_resolve(symbols);
	struct row row = { .name = "/proc/kallsyms", .use = "why a TIME_WAIT ended",
			   .optional = true };

	if (found > 0)
		row.provider = "addresses";
	else
		row.problem = found < 0 ? strerror(-found) : "addresses hidden (CAP_SYSLOG)";
	return row;
}

static struct row check_btf(void)
{
	struct row row = { .name = "/sys/kernel/btf/vmlinux", .use = "offsets of kernel fields" };

	if (tct_kernel_has_btf())
		row.provider = "BTF";
	else
		row.problem = "needs CONFIG_DEBUG_INFO_BTF=y";
	return row;
}

static void print_text(const struct row *rows, size_t count)
{
	printf("Linux %s\n%-25s %-11s %s\n", tct_kernel_release(), "HOOK", "PROVIDER", "FOR");
	for (size_t i = 0; i < count; i++) {
		printf("%-25s %-11s %s\n", rows[i].name, rows[i].provider ? rows[i].provider : "-",
		       rows[i].use);
		if (rows[i].problem)
			printf("%25s %s: %s\n", "", rows[i].optional ? "left out" : "MISSING",
			       rows[i].problem);
	}
}

static void print_json(const struct row *rows, size_t count)
{
	struct tct_sink_json sink;
	struct tct_sink ops;
	struct tct_json *json = &sink.json;

	tct_sink_json_init(&sink, stdout, tct_clock_real_offset_ns(), &ops);
	tct_sink_json_begin(&sink, "check", tct_clock_mono_ns());
	tct_json_str(json, "kernel", tct_kernel_release());
	tct_json_open(json, "hooks", '[');
	for (size_t i = 0; i < count; i++) {
		tct_json_open(json, NULL, '{');
		tct_json_str(json, "name", rows[i].name);
		tct_json_str(json, "provider", rows[i].provider);
		tct_json_bool(json, "optional", rows[i].optional);
		tct_json_str(json, "problem", rows[i].problem);
		tct_json_str(json, "use", rows[i].use);
		tct_json_close(json, '}');
	}
	tct_json_close(json, ']');
	tct_sink_json_end(&sink);
}

/* The first thing that is missing and needed decides. */
static enum tct_exit verdict(const struct row *rows, size_t count)
{
	const char *missing = tct_privilege_missing(false);

	if (missing) {
		tct_log_error("missing privilege %s: what is not permitted could not be tried",
			      missing);
		return TCT_EXIT_PRIVILEGE;
	}
	for (size_t i = 0; i < count; i++) {
		if (!rows[i].problem || rows[i].optional)
			continue;
		tct_log_error("this kernel lacks %s", rows[i].name);
		return TCT_EXIT_KERNEL;
	}
	return TCT_EXIT_OK;
}

enum tct_exit tct_cmd_check(const struct tct_options *options)
{
	struct row rows[ROWS_MAX];
	size_t count = check_hooks(rows);
	enum tct_exit status;

	rows[count++] = check_iterators();
	rows[count++] = check_btf();
	rows[count++] = check_symbols();
	if (options->json)
		print_json(rows, count);
	else
		print_text(rows, count);
	status = tct_output_flush();
	return status ? status : verdict(rows, count);
}
