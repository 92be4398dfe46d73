// SPDX-License-Identifier: GPL-2.0
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../log.h"

static enum tct_exit failed(const char *path, int err)
{
	if (err == -EEXIST)
		tct_log_error("'%s' is there already: a recording overwrites nothing", path);
	else
		tct_log_error("recording into '%s' failed: %s", path, strerror(-err));
	return TCT_EXIT_FAILURE;
}

static int try_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return unlink(path) ? -errno : 0;
}

static int try_directory(const char *path)
{
	char file[4096];
	int fd;

	if ((size_t)snprintf(file, sizeof(file), "%s/.finding-XXXXXX", path) >= sizeof(file))
		return -ENAMETOOLONG;
	fd = mkostemp(file, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	return unlink(file) ? -errno : 0;
}

enum tct_exit tct_recording_check(const struct tct_options *options)
{
	int err = options->record ? try_file(options->record) : 0;

	if (err)
		return failed(options->record, err);
	err = options->flight ? try_directory(options->flight) : 0;
	if (!err)
		return TCT_EXIT_OK;
	tct_log_error("--flight wants a directory that can be written to, not '%s': %s",
		      options->flight, strerror(-err));
	return TCT_EXIT_FAILURE;
}

enum tct_exit tct_recording_open(struct tct_recorder *recorder, const struct tct_options *options,
				 const struct tct_host *host)
{
	int err = tct_recorder_open(recorder, options->record, host, options->anonymize);

	return err ? failed(options->record, err) : TCT_EXIT_OK;
}

void tct_recording_told(const char *path, int err)
{
	if (!path)
		tct_log_error("--flight: what led to a finding is not kept, with so many sockets");
	else if (err)
		tct_log_error("recording into '%s' failed: %s", path, strerror(-err));
	else
		tct_log_error("what led to a finding is in '%s'", path);
}

enum tct_exit tct_recording_close(struct tct_recorder *recorder, const struct tct_options *options)
{
	int err = tct_recorder_close(recorder);

	if (err)
		return failed(options->record, err);
	fprintf(stderr, "recorded: %llu records, %llu bytes in %s%s\n",
		(unsigned long long)recorder->writer.records,
		(unsigned long long)recorder->writer.bytes, options->record,
		options->anonymize ? ", addresses anonymized" : "");
	return TCT_EXIT_OK;
}
