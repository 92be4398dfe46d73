// SPDX-License-Identifier: GPL-2.0
#include "frame.h"

#include <errno.h>
#include <string.h>

size_t tct_frame_size(const struct tct_input *input)
{
	if (input->kind == TCT_IN_RECORD)
		return sizeof(struct tct_layout_frame) + input->len;
	return (sizeof(struct tct_layout_input) + input->len + 7) & ~(size_t)7;
}

static void *put_other(struct tct_layout_input *frame, const struct tct_input *input)
{
	frame->now_ns = input->now_ns;
	frame->value = input->value;
	frame->which = input->which;
	frame->len = (uint32_t)input->len;
	return frame + 1;
}

void *tct_frame_put(void *out, const struct tct_input *input)
{
	size_t size = tct_frame_size(input);
	struct tct_layout_frame *frame = out;
	void *data = frame + 1;

	memset(out, 0, size);
	*frame = (struct tct_layout_frame){ .length = (uint32_t)size, .kind = input->kind };
	if (input->kind != TCT_IN_RECORD)
		data = put_other(out, input);
	if (input->len)
		memcpy(data, input->data, input->len);
	return data;
}

static int get_record(const struct tct_layout_frame *frame, struct tct_input *input)
{
	const struct tct_record_header *record = (const void *)(frame + 1);

	*input = (struct tct_input){ .kind = TCT_IN_RECORD, .data = record,
				     .len = frame->length - sizeof(*frame) };
	return input->len >= sizeof(*record) && record->size == input->len ? 0 : -EBADMSG;
}

static int get_other(const struct tct_layout_input *frame, struct tct_input *input)
{
	if (frame->frame.length < sizeof(*frame) ||
	    frame->len > frame->frame.length - sizeof(*frame))
		return -EBADMSG;
	*input = (struct tct_input){
		.kind = (enum tct_input_kind)frame->frame.kind,
		.which = frame->which,
		.now_ns = frame->now_ns,
		.value = frame->value,
		.data = frame->len ? frame + 1 : NULL,
		.len = frame->len,
	};
	return 0;
}

int tct_frame_get(const void *frames, size_t left, struct tct_input *input)
{
	const struct tct_layout_frame *frame = frames;
	int err;

	if (left < sizeof(*frame) || frame->length < sizeof(*frame) || frame->length % 8 ||
	    frame->length > left || !frame->kind || frame->kind >= TCT_INPUTS)
		return -EBADMSG;
	err = frame->kind == TCT_IN_RECORD ? get_record(frame, input) : get_other(frames, input);
	return err ? err : (int)frame->length;
}
