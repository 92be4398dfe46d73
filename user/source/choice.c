// SPDX-License-Identifier: GPL-2.0
#include "choice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "kernel.h"

#define REFUSED "this kernel refuses it: %s"

static const char *error_text(int err)
{
	return err == -TCT_ENOTSUPP ? "Operation not supported" : strerror(-err);
}

/* Whether the kernel has what this program hooks, as far as a look can tell. */
static bool has_target(const struct tct_hook *hook)
{
	switch (hook->provider) {
	case TCT_KMOD:
		return true;	/* the module has all of them */
	case TCT_FENTRY:
	case TCT_KPROBE:
		return tct_kernel_has_function(hook->target);
	case TCT_TRACEPOINT:
		return hook->raw || tct_kernel_tracepoint_args(hook->target) >= hook->args;
	case TCT_PROVIDERS:
		break;
	}
	return false;
}

/* Typed programs where the kernel shows its types, raw ones elsewhere. */
static bool fits(const struct tct_choice *choice, const struct tct_hook *hook)
{
	if (hook->counts != !!(choice->counted & 1u << hook->point))
		return false;
	return hook->provider != TCT_TRACEPOINT || hook->raw != tct_kernel_has_btf();
}

/* What speaks against the provider as such, into `why`; left alone when nothing does. */
static void look_at_provider(enum tct_provider provider, char *why)
{
	const char *lacks = NULL;
	int err;

	switch (provider) {
	case TCT_KMOD:
		lacks = tct_kernel_has_module() ? NULL : "the module tcpclose is not loaded";
		break;
	case TCT_FENTRY:
		if (!tct_kernel_has_btf()) {
			lacks = "the kernel shows no BTF";
			break;
		}
		err = tct_kernel_try_fentry("inet_sk_state_store");
		if (err && err != -ENOENT)
			snprintf(why, TCT_WHY_LEN, REFUSED, error_text(err));
		break;
	case TCT_KPROBE:
		lacks = tct_kernel_has_kprobes() ? NULL
						 : "kprobes are not built into this kernel";
		break;
	case TCT_TRACEPOINT:
	case TCT_PROVIDERS:
		break;
	}
	if (lacks)
		snprintf(why, TCT_WHY_LEN, "%s", lacks);
}

static const char *kind_of(enum tct_provider provider)
{
	return provider == TCT_TRACEPOINT ? "tracepoint" : "function";
}

/* Whether there is any program for it. */
static bool offers(const struct tct_choice *choice, enum tct_point point,
		   enum tct_provider provider)
{
	size_t count;
	const struct tct_hook *hooks = tct_hooks(&count);

	for (const struct tct_hook *hook = hooks; hook < hooks + count; hook++) {
		if (hook->point == point && hook->provider == provider && fits(choice, hook))
			return true;
	}
	return false;
}

/* What a look tells against it, into why_not. */
static void look(struct tct_choice *choice, enum tct_point point, enum tct_provider provider)
{
	char *why = choice->why_not[point][provider];
	const char *any_of = NULL;
	bool one_found = false;
	size_t count;
	const struct tct_hook *hooks = tct_hooks(&count);

	if (!offers(choice, point, provider)) {
		snprintf(why, TCT_WHY_LEN, "it has no hook for this");
		return;
	}
	look_at_provider(provider, why);
	if (provider == TCT_TRACEPOINT && point != TCT_POINT_SET_STATE && !choice->has_addresses)
		snprintf(why, TCT_WHY_LEN, "/proc/kallsyms hides addresses (CAP_SYSLOG)");
	for (const struct tct_hook *hook = hooks; hook < hooks + count && !*why; hook++) {
		if (hook->point != point || hook->provider != provider || !fits(choice, hook))
			continue;
		if (hook->need == TCT_ONE_OF) {
			any_of = hook->target;
			one_found |= has_target(hook);
		} else if (hook->need == TCT_NEEDED && !has_target(hook)) {
			snprintf(why, TCT_WHY_LEN, "no %s %s%s", kind_of(provider), hook->target,
				 hook->args ? " that says it" : "");
		}
	}
	if (!*why && any_of && !one_found)
		snprintf(why, TCT_WHY_LEN, "no %s %s", kind_of(provider), any_of);
}

static enum tct_provider pick(struct tct_choice *choice, enum tct_point point,
			      enum tct_provider only)
{
	/* what this provider never tells is left to the others */
	if (only != TCT_AUTO && tct_point_is_optional(point) && !offers(choice, point, only))
		only = TCT_AUTO;
	for (int i = 0; i < TCT_PROVIDERS; i++) {
		enum tct_provider provider = (enum tct_provider)i;

		if (only != TCT_AUTO && only != provider)
			continue;
		if (!*choice->why_not[point][provider])
			look(choice, point, provider);
		if (!*choice->why_not[point][provider])
			return provider;
	}
	return TCT_AUTO;
}

int tct_choice_make(struct tct_choice *choice, unsigned int points, enum tct_provider only)
{
	int err = 0;

	for (int point = 0; point < TCT_POINTS; point++) {
		choice->chosen[point] = TCT_AUTO;
		if (!(points & 1u << point))
			continue;
		choice->chosen[point] = pick(choice, (enum tct_point)point, only);
		if (choice->chosen[point] == TCT_AUTO && !tct_point_is_optional(point))
			err = -EOPNOTSUPP;
	}
	return err;
}

void tct_choice_refuse(struct tct_choice *choice, enum tct_point point, int err)
{
	enum tct_provider provider = choice->chosen[point];

	snprintf(choice->why_not[point][provider], TCT_WHY_LEN, REFUSED, error_text(err));
}

bool tct_choice_uses(const struct tct_choice *choice, const struct tct_hook *hook)
{
	if (choice->chosen[hook->point] != hook->provider || !fits(choice, hook))
		return false;
	return hook->need == TCT_NEEDED || has_target(hook);
}

bool tct_choice_is_typed(const struct tct_choice *choice)
{
	switch (choice->chosen[TCT_POINT_SET_STATE]) {
	case TCT_FENTRY:
		return true;
	case TCT_TRACEPOINT:
		return tct_kernel_has_btf();
	case TCT_KMOD:
	case TCT_KPROBE:
	case TCT_PROVIDERS:
		break;
	}
	return false;
}
