// SPDX-License-Identifier: GPL-2.0
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "../log.h"

#define BUFFER_SIZE (256 << 10)
#define COLUMNS 80

static bool wants_color(void)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color);
}

void tct_output_init(struct tct_output *output, const struct tct_options *options)
{
	struct tct_text_config config = {
		.out = stdout,
		.messages = stderr,
		.wide = options->wide,
		.clock = options->clock,
		.seconds = options->seconds,
		.color = wants_color(),
	};

	setvbuf(stdout, NULL, _IOFBF, BUFFER_SIZE);
	tct_sink_text_init(&output->text, &config, &output->messages);
	output->sink = output->messages;
	if (options->json)
		tct_sink_json_init(&output->json, stdout, 0, &output->sink);
}

void tct_output_start(struct tct_output *output, uint64_t real_offset_ns, uint64_t start_mono_ns)
{
	output->text.config.real_offset_ns = real_offset_ns;
	output->text.config.start_mono_ns = start_mono_ns;
	output->json.real_offset_ns = real_offset_ns;
}

enum tct_exit tct_output_flush(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return TCT_EXIT_OK;
	if (errno == EPIPE)
		tct_log_error("the reader of the output is gone: stopped");
	else
		tct_log_error("writing the output failed: %s", strerror(errno));
	return TCT_EXIT_FAILURE;
}

int tct_output_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_col < 40)
		return COLUMNS;
	return size.ws_col;
}
