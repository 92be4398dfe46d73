// SPDX-License-Identifier: GPL-2.0
/* Which options go together. */
#include "options_check.h"

#include <stddef.h>
#include "log.h"
#include "sink/select.h"
#include "usage.h"

enum tct_exit tct_options_check_files(const struct tct_options *options)
{
	const char *wrong = NULL;

	if (options->unpin && !options->pin)
		wrong = "--unpin needs the directory: --pin DIR";
	else if (options->pin && options->shards > 1)
		wrong = "what is pinned has one ring: --pin takes --shards 1 only";
	else if (options->anonymize && !options->record && !options->flight)
		wrong = "--anonymize is about a recording: --record FILE";
	else if (options->replay && options->pin)
		wrong = "--replay reads a file: nothing can be pinned";
	else if (options->replay && options->record)
		wrong = "--replay reads a recording: --record makes one";
	else if (options->replay && options->flight)
		wrong = "--replay reads a recording: --flight makes some";
	else if (options->replay && options->filter.filter.by_cgroup)
		wrong = "a recording has no cgroups: --replay takes no --cgroup";
	else if (options->command == TCT_CMD_FSM && !options->live && !options->unpin &&
		 (options->replay || options->record || options->pin))
		wrong = "fsm alone prints the model: --replay, --record and --pin need --live";
	if (!wrong)
		return TCT_EXIT_OK;
	tct_log_error("%s", wrong);
	return TCT_EXIT_USAGE;
}

/* What only a stream of all that happens can do. */
static bool needs_stream(int option)
{
	static const int them[] = {
		'p', 'L', 'D', 's', TCT_OPT_CGROUP, TCT_OPT_PIN, TCT_OPT_RECORD, TCT_OPT_FLIGHT,
		TCT_OPT_REPLAY, TCT_OPT_AUDIT, TCT_OPT_SHARDS,
	};

	for (size_t i = 0; i < sizeof(them) / sizeof(them[0]); i++) {
		if (option == them[i])
			return true;
	}
	return false;
}

static enum tct_exit check_mode(const bool *used, const struct tct_options *options)
{
	size_t count;
	const struct tct_option_row *rows = tct_usage_options(&count);

	if (!options->summary)
		return TCT_EXIT_OK;
	for (size_t i = 0; i < count; i++) {
		if (!used[i] || !needs_stream(rows[i].value))
			continue;
		tct_log_error("--mode=summary takes no --%s: it has no stream to use it on",
			      rows[i].name);
		return TCT_EXIT_USAGE;
	}
	if (options->probes != TCT_AUTO && options->probes != TCT_TRACEPOINT) {
		tct_log_error("--mode=summary counts by tracepoint, not by --probes=%s",
			      tct_provider_name(options->probes));
		return TCT_EXIT_USAGE;
	}
	if (options->command == TCT_CMD_FSM && !options->live) {
		tct_log_error("fsm alone prints the model: --mode needs --live");
		return TCT_EXIT_USAGE;
	}
	if (options->types == TCT_SELECT_ALL || options->types == TCT_SELECT_FINDING)
		return TCT_EXIT_OK;
	tct_log_error("--mode=summary prints findings and totals: -e finding or no -e");
	return TCT_EXIT_USAGE;
}

/*
 * An option of another command is a mistake of the user's, not to be swallowed. Those that all live
 * commands share by contract are taken even where there is nothing for them to do.
 */
enum tct_exit tct_options_check(const bool *used, const struct tct_options *options)
{
	size_t count;
	const struct tct_option_row *rows = tct_usage_options(&count);

	for (size_t i = 0; i < count; i++) {
		if (!used[i] || rows[i].commands & 1u << options->command)
			continue;
		tct_log_error("%s does not take --%s; see tcpclose-trace -h",
			      tct_usage_command_name(options->command), rows[i].name);
		return TCT_EXIT_USAGE;
	}
	if (options->command == TCT_CMD_EXPLAIN && options->format == TCT_FSM_MERMAID &&
	    (options->json || options->clock || options->seconds || options->wide)) {
		tct_log_error("explain --mermaid takes no --json, --time, --timestamp or --wide");
		return TCT_EXIT_USAGE;
	}
	if (options->live && !options->duration_ns && !options->replay) {
		tct_log_error("--live needs a duration: -d SECONDS");
		return TCT_EXIT_USAGE;
	}
	if (check_mode(used, options))
		return TCT_EXIT_USAGE;
	/* the rest of them may be in a file */
	return options->command == TCT_CMD_SERVE ? TCT_EXIT_OK : tct_options_check_files(options);
}
