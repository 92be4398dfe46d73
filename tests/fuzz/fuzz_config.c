// SPDX-License-Identifier: GPL-2.0
/* The daemon's configuration file, and which of its rules matches whom. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../user/log.h"
#include "../../user/serve/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct tct_serve_config *config)
{
	const struct tct_rule_subject who = {
		.state = TCT_CLOSE_WAIT, .port = 80, .unit = "nginx.service",
		.cgroup = "/system.slice/nginx.service", .comm = "nginx",
	};
	uint64_t thresholds[TCT_STATES];

	if (!config->max_connections || !config->max_services || !config->web_timeout_ns ||
	    config->options.probes > TCT_AUTO || config->options.replay)
		abort();
	for (size_t i = 0; i < config->rule_count; i++) {
		if (!config->rules[i].name || config->rules[i].severity > TCT_CRITICAL)
			abort();
	}
	tct_rule_find(config->rules, config->rule_count, &who);
	tct_rule_thresholds(config->rules, config->rule_count, config->options.threshold_ns,
			    thresholds);
	if (thresholds[TCT_ESTABLISHED] || thresholds[TCT_NEW_SYN_RECV])
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tct_options options = { .command = TCT_CMD_SERVE };
	FILE *in, *nowhere = fopen("/dev/null", "we");
	struct tct_serve_config config;

	if (!nowhere || !size)
		return nowhere ? fclose(nowhere) : 0;
	in = fmemopen((void *)(uintptr_t)data, size, "r");
	tct_log_to(nowhere);
	if (!tct_serve_config_parse(&config, &options, "x", in)) {
		check(&config);
		tct_serve_config_fini(&config);
	}
	tct_log_to(NULL);
	fclose(in);
	fclose(nowhere);
	return 0;
}
