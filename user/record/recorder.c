// SPDX-License-Identifier: GPL-2.0
#include "recorder.h"

#include <string.h>

int tct_recorder_open(struct tct_recorder *recorder, const char *path, const struct tct_host *host,
		      bool anonymous)
{
	struct tct_layout_host known;
	int err;

	*recorder = (struct tct_recorder){ .anonymous = anonymous };
	if (anonymous) {
		err = tct_anonymize_init(&recorder->anonymize, host->end_symbols);
		if (err)
			return err;
	}
	tct_layout_put_host(host, anonymous ? &recorder->anonymize : NULL, &known);
	return tct_writer_open(&recorder->writer, path, &known);
}

static void take_anonymous(struct tct_recorder *recorder, const struct tct_input *input)
{
	char name[TCT_ANONYMOUS_CGROUP_LEN];
	struct tct_input other = *input;
	void *data;

	if (input->kind == TCT_IN_CGROUP && input->len) {
		tct_anonymize_cgroup(&recorder->anonymize, input->data, input->len, name);
		other.data = name;
		other.len = strlen(name);
	}
	data = tct_writer_put(&recorder->writer, &other);
	if (data && input->kind == TCT_IN_SOCKET)
		tct_anonymize_memo(&recorder->anonymize, data);
	if (data && tct_input_is_record(input))
		tct_anonymize_record(&recorder->anonymize, data, input->len);
}

void tct_recorder_take(void *ctx, const struct tct_input *input)
{
	struct tct_recorder *recorder = ctx;

	if (recorder->anonymous)
		take_anonymous(recorder, input);
	else
		tct_writer_put(&recorder->writer, input);
	recorder->failed = recorder->writer.err;
}

int tct_recorder_close(struct tct_recorder *recorder)
{
	return tct_writer_close(&recorder->writer);
}
