// SPDX-License-Identifier: GPL-2.0
/* The contract's spelling of every enum of event.h. */
#include "event.h"

#define NAME_OF(names, i) ((size_t)(i) < sizeof(names) / sizeof((names)[0]) ? (names)[i] : "unknown")

const char *tct_owner_source_name(enum tct_owner_source source)
{
	static const char *const names[] = { "none", "connect", "listen", "close", "iter" };

	return NAME_OF(names, source);
}

const char *tct_kind_name(enum tct_kind kind)
{
	static const char *const names[TCT_KINDS] = {
		[TCT_KIND_ORDERLY] = "orderly",
		[TCT_KIND_ORDERLY_MERGED] = "orderly-merged",
		[TCT_KIND_SIMULTANEOUS] = "simultaneous",
		[TCT_KIND_RESET_SENT] = "reset-sent",
		[TCT_KIND_RESET_RECEIVED] = "reset-received",
		[TCT_KIND_ABORT_UNREAD] = "abort-unread",
		[TCT_KIND_ABORT_LINGER] = "abort-linger",
		[TCT_KIND_TIMEOUT] = "timeout",
		[TCT_KIND_REFUSED] = "refused",
		[TCT_KIND_NEVER_OPENED] = "never-opened",
		[TCT_KIND_UNREACHABLE] = "unreachable",
		[TCT_KIND_DISCONNECTED] = "disconnected",
		[TCT_KIND_REPAIR] = "repair",
		[TCT_KIND_REAPED] = "reaped",
		[TCT_KIND_DESTROYED] = "destroyed",
		[TCT_KIND_UNKNOWN] = "unknown",
	};

	return NAME_OF(names, kind);
}

/* NULL when it is not known. */
const char *tct_process_name(enum tct_process process)
{
	static const char *const names[] = { NULL, "running", "exited", "killed" };

	return NAME_OF(names, process);
}

const char *tct_closer_name(enum tct_closer closer)
{
	static const char *const names[] = { "none", "local", "remote", "both" };

	return NAME_OF(names, closer);
}

const char *tct_severity_name(enum tct_severity severity)
{
	static const char *const names[] = { "info", "warning", "critical" };

	return NAME_OF(names, severity);
}

const char *tct_status_name(enum tct_status status)
{
	static const char *const names[] = { "open", "update", "resolved" };

	return NAME_OF(names, status);
}

const char *tct_confidence_name(enum tct_confidence confidence)
{
	static const char *const names[] = { "exact", "repaired", "degraded" };

	return NAME_OF(names, confidence);
}

const char *tct_verdict_name(enum tct_verdict verdict)
{
	static const char *const names[TCT_VERDICTS] = {
		[TCT_VERDICT_NONE] = "unknown",
		[TCT_EOF_READ_NOT_CLOSED] = "eof-read-not-closed",
		[TCT_EOF_NOT_READ] = "eof-not-read",
		[TCT_UNREAD_DATA] = "unread-data",
		[TCT_NOT_ACCEPTED] = "not-accepted",
		[TCT_STILL_SENDING] = "still-sending",
		[TCT_HELD_BY_CHILD] = "held-by-child",
		[TCT_HELD] = "held",
		[TCT_ORPHANED] = "orphaned",
		[TCT_ZERO_WINDOW] = "zero-window",
		[TCT_NOT_ACKNOWLEDGED] = "not-acknowledged",
		[TCT_STILL_RECEIVING] = "still-receiving",
	};

	return NAME_OF(names, verdict);
}

const char *tct_loss_where_name(enum tct_loss_where where)
{
	static const char *const names[TCT_LOSS_PLACES] = { "ring", "hook", "mirror", "sink" };

	return NAME_OF(names, where);
}

const char *tct_drift_name(enum tct_drift drift)
{
	static const char *const names[TCT_DRIFTS] = { "missing", "ghost", "state" };

	return NAME_OF(names, drift);
}
