// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/output.h"
#include "log.h"
#include "source/pin.h"

/* One that is closed would become that of something else, which then gets our output. */
static void hold_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", O_RDONLY);	/* the lowest that is free: this one */
	}
}

/*
 * What a look at all sockets takes is given back after it. Without this malloc() would keep more the
 * more it was once given, up to 64 MiB for each thread.
 */
#define KEPT_BYTES (512 << 10)

int main(int argc, char **argv)
{
	struct tct_options options;
	enum tct_exit status;
	bool done;

	hold_standard_descriptors();
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	status = tct_options_parse(argc, argv, &options, &done);
	if (done)
		return tct_output_flush();
	if (status)
		return status;
	signal(SIGPIPE, SIG_IGN);
	tct_log_init(options.verbose);
	if (options.unpin)
		return tct_pin_remove(options.pin);
	switch (options.command) {
	case TCT_CMD_TRACE:
		return tct_cmd_trace(&options);
	case TCT_CMD_STUCK:
		return tct_cmd_stuck(&options);
	case TCT_CMD_HIST:
		return tct_cmd_hist(&options);
	case TCT_CMD_FSM:
		return tct_cmd_fsm(&options);
	case TCT_CMD_EXPLAIN:
		return tct_cmd_explain(&options);
	case TCT_CMD_AUDIT:
		return tct_cmd_audit(&options);
	case TCT_CMD_RECORD:
		return tct_cmd_record(&options);
	case TCT_CMD_SERVE:
		return tct_cmd_serve(&options);
	case TCT_CMD_CHECK:
		return tct_cmd_check(&options);
	}
	return TCT_EXIT_USAGE;
}
