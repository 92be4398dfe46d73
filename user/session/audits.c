// SPDX-License-Identifier: GPL-2.0
#include "audits.h"

#include <errno.h>

static int on_listed(struct tct_shards *shards, const struct tct_input *input)
{
	size_t count = input->len / sizeof(uint32_t);

	if (input->len % sizeof(uint32_t))
		return -EBADMSG;
	if (input->kind == TCT_IN_LISTED)
		tct_shards_scan_listed(shards, input->data, count);
	else
		tct_audit_listed(shards, input->data, count);
	return 0;
}

int tct_audits_apply(struct tct_session *session, const struct tct_input *input)
{
	struct tct_shards *shards = &session->shards;

	switch (input->kind) {
	case TCT_IN_AUDIT_BEGIN:
		tct_audit_begin(shards, input->now_ns, input->which);
		return 0;
	case TCT_IN_AUDIT_NAMESPACE:
		tct_audit_namespace(shards, input->which);
		return 0;
	case TCT_IN_LISTED:
	case TCT_IN_AUDIT_LISTED:
		return on_listed(shards, input);
	case TCT_IN_AUDIT_RECORD:
		return tct_audit_feed(shards, input->data, input->len);
	case TCT_IN_AUDIT_SWEEP:
		session->audit_goes_on = tct_audit_sweep(shards, input->which, input->value);
		return 0;
	case TCT_IN_AUDIT_AGAIN:
		tct_audit_again(shards);
		return 0;
	case TCT_IN_AUDIT_SETTLE:
		session->audit_goes_on = tct_audit_settle(shards, input->now_ns, input->which,
							  input->value);
		return 0;
	case TCT_IN_AUDIT_DROP:
		tct_audit_drop(shards);
		return 0;
	default:	/* the session's own */
		return -EBADMSG;
	}
}
