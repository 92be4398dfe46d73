// SPDX-License-Identifier: GPL-2.0
/* What this kernel offers: each provider of each event loaded and attached, and let go again. */
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
	const char (*why_not)[TCT_WHY_LEN];	/* of each provider, NULL: there is one way only */
};

#define ROWS_MAX 12

static void check_points(const struct tct_choice *choice, struct row *rows)
{
	for (int i = 0; i < TCT_POINTS; i++) {
		enum tct_point point = (enum tct_point)i;

		rows[i] = (struct row){
			.name = tct_point_name(point),
			.use = tct_point_use(point),
			.provider = tct_provider_name(choice->chosen[point]),
			.optional = tct_point_is_optional(point),
			.why_not = choice->why_not[point],
		};
		if (!rows[i].provider)
			rows[i].problem = "no provider works";
	}
}

static struct row check_symbols(const struct tct_choice *choice, const struct tct_kallsyms *symbols)
{
	struct row row = { .name = "end_reason", .use = "why it ended: function names in that stack",
			   .optional = true };

	if (symbols->found)
		row.provider = tct_provider_name(choice->chosen[TCT_POINT_TIME_WAIT_END]);
	else
		row.problem = "/proc/kallsyms hides addresses (CAP_SYSLOG)";
	return row;
}

static struct row check_iterators(void)
{
	static const struct tct_filter_config nothing;
	const struct tct_snapshot_config config = { .filter = &nothing };
	struct row row = { .name = "iter/tcp, iter/task_file",
			   .use = "what was there before, and who holds it" };
	struct tct_snapshot *snapshot;
	enum tct_exit status;

	if (!tct_kernel_has_btf()) {
		row.problem = "the kernel shows no BTF";
		return row;
	}
	status = tct_snapshot_load(&snapshot, &config);
	if (status) {
		row.problem = status == TCT_EXIT_PRIVILEGE ? "not permitted" : "does not load";
		return row;
	}
	tct_snapshot_free(snapshot);
	row.provider = "iterator";
	return row;
}

static struct row check_summary(const struct tct_choice *choice)
{
	struct row row = { .name = "summary", .use = "--mode=summary: counts in the kernel",
			   .optional = true };

	if (!tct_kernel_has_btf() || !tct_kernel_makes_cookies())
		row.problem = "no bpf_get_socket_cookie() on tracepoints (Linux 5.12)";
	else if (*choice->why_not[TCT_POINT_TIME_WAIT][TCT_TRACEPOINT])
		row.problem = choice->why_not[TCT_POINT_TIME_WAIT][TCT_TRACEPOINT];
	else
		row.provider = tct_provider_name(TCT_TRACEPOINT);
	return row;
}

static struct row check_btf(const char *file)
{
	struct row row = { .name = "BTF", .use = "offsets of kernel fields" };

	if (file)
		row.provider = "file";
	else if (tct_kernel_has_btf())
		row.provider = "kernel";
	else
		row.problem = "give a file with --btf, or build with CONFIG_DEBUG_INFO_BTF=y";
	return row;
}

/* The providers beside the one in use: those that would do, and why the others would not. */
static void print_others(const struct row *row)
{
	char others[64] = "";

	for (int i = 0; row->why_not && i < TCT_PROVIDERS; i++) {
		const char *name = tct_provider_name((enum tct_provider)i);

		if (*row->why_not[i])
			printf("  not %s: %s\n", name, row->why_not[i]);
		else if (!row->provider || strcmp(name, row->provider) != 0)
			snprintf(others + strlen(others), sizeof(others) - strlen(others), "%s%s",
				 *others ? ", " : "", name);
	}
	if (*others)
		printf("  or %s\n", others);
}

static void print_text(const struct row *rows, size_t count)
{
	printf("Linux %s\n%-25s %-10s %s\n", tct_kernel_release(), "EVENT", "PROVIDER", "FOR");
	for (size_t i = 0; i < count; i++) {
		printf("%-25s %-10s %s\n", rows[i].name, rows[i].provider ? rows[i].provider : "-",
		       rows[i].use);
		if (rows[i].problem)
			printf("  %s: %s\n", rows[i].optional ? "left out" : "MISSING",
			       rows[i].problem);
		print_others(&rows[i]);
	}
}

static void print_json_providers(struct tct_json *json, const struct row *row)
{
	tct_json_open(json, "providers", '[');
	for (int i = 0; row->why_not && i < TCT_PROVIDERS; i++) {
		tct_json_open(json, NULL, '{');
		tct_json_str(json, "name", tct_provider_name((enum tct_provider)i));
		tct_json_bool(json, "works", !*row->why_not[i]);
		tct_json_str(json, "why_not", *row->why_not[i] ? row->why_not[i] : NULL);
		tct_json_close(json, '}');
	}
	tct_json_close(json, ']');
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
		print_json_providers(json, &rows[i]);
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
		tct_log_error("this kernel lacks %s: %s", rows[i].name, rows[i].problem);
		return TCT_EXIT_KERNEL;
	}
	return TCT_EXIT_OK;
}

enum tct_exit tct_cmd_check(const struct tct_options *options)
{
	static const struct tct_filter_config nothing;
	struct tct_loader_config config = {
		.filter = &nothing, .btf = options->btf, .only = options->probes,
		.ring_bytes = options->ring_bytes,
	};
	struct tct_kallsyms symbols;
	struct tct_choice choice = { 0 };
	struct row rows[ROWS_MAX];
	size_t count = TCT_POINTS;
	enum tct_exit status;
	int err;

	tct_kallsyms_read(&symbols);
	config.tw_timer_handler = symbols.tw_timer_handler;
	err = tct_loader_try_all(&config, &choice);
	if (err) {
		tct_log_error("opening the BPF programs failed: %s", strerror(-err));
		return TCT_EXIT_FAILURE;
	}
	check_points(&choice, rows);
	rows[count++] = check_symbols(&choice, &symbols);
	rows[count++] = check_iterators();
	rows[count++] = check_summary(&choice);
	rows[count++] = check_btf(options->btf);
	if (options->json)
		print_json(rows, count);
	else
		print_text(rows, count);
	status = tct_output_flush();
	return status ? status : verdict(rows, count);
}
