// SPDX-License-Identifier: GPL-2.0
#include "recording.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "../log.h"

enum tct_exit tct_recording_open(struct tct_recorder *recorder, const struct tct_options *options,
				 const struct tct_host *host)
{
	int err = tct_recorder_open(recorder, options->record, host, options->anonymize);

	if (!err)
		return TCT_EXIT_OK;
	if (err == -EEXIST)
		tct_log_error("'%s' is there already: a recording overwrites nothing",
			      options->record);
	else
		tct_log_error("recording into '%s' failed: %s", options->record, strerror(-err));
	return TCT_EXIT_FAILURE;
}

void tct_recording_told(const char *path, int err)
{
	if (err)
		tct_log_error("recording into '%s' failed: %s", path, strerror(-err));
	else
		tct_log_error("what led to a finding is in '%s'", path);
}

enum tct_exit tct_recording_close(struct tct_recorder *recorder, const struct tct_options *options)
{
	int err = tct_recorder_close(recorder);

	if (err) {
		tct_log_error("recording into '%s' failed: %s", options->record, strerror(-err));
		return TCT_EXIT_FAILURE;
	}
	fprintf(stderr, "recorded: %llu records, %llu bytes in %s%s\n",
		(unsigned long long)recorder->writer.records,
		(unsigned long long)recorder->writer.bytes, options->record,
		options->anonymize ? ", addresses anonymized" : "");
	return TCT_EXIT_OK;
}
