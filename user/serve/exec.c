// SPDX-License-Identifier: GPL-2.0
#include "exec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../core/service.h"
#include "../log.h"
#include "../sink/json.h"
#include "child.h"

#define MINUTE_NS 60000000000ull
#define VARIABLES 5
#define VARIABLE_LEN (TCT_SERVICE_LEN + 24)

/* One that is to be run. */
struct job {
	uint32_t id;
	enum tct_status status;
	char variables[VARIABLES][VARIABLE_LEN];
	char *text;
	size_t len;
};

struct tct_exec {
	struct tct_exec_config config;
	struct tct_remind remind;
	struct tct_sink_json json;
	struct tct_sink json_ops;
	uint64_t real_offset_ns;
	struct tct_child runs[TCT_EXEC_RUNS];
	struct job waiting[TCT_EXEC_WAITING];
	size_t count;
	uint64_t results[TCT_EXEC_RESULTS];
	uint64_t logged_ns;	/* when a failure was last told; 0: never */
	uint64_t untold;	/* since then */
};

const char *tct_exec_result_name(enum tct_exec_result result)
{
	static const char *const names[] = { "ok", "failed", "timeout", "limited" };

	return names[result];
}

/* What systemd tells us is not for others; the rest of the environment they may need. */
static bool is_ours(const char *variable)
{
	static const char *const names[] = {
		"NOTIFY_SOCKET=", "WATCHDOG_USEC=", "WATCHDOG_PID=", "LISTEN_FDS=", "LISTEN_PID=",
		"LISTEN_FDNAMES=", "TCPCLOSE_",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strncmp(variable, names[i], strlen(names[i])))
			return true;
	}
	return false;
}

/* In one piece but for the strings. */
static char **make_environment(struct job *job)
{
	size_t count = 0, at = 0;
	char **env;

	while (environ[count])
		count++;
	env = calloc(count + VARIABLES + 1, sizeof(*env));
	if (!env)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (!is_ours(environ[i]))
			env[at++] = environ[i];
	}
	for (size_t i = 0; i < VARIABLES; i++)
		env[at++] = job->variables[i];
	return env;
}

static void set_variables(struct job *job, const struct tct_finding *ev)
{
	char service[TCT_SERVICE_LEN];

	tct_service_of(ev, service);
	snprintf(job->variables[0], VARIABLE_LEN, "TCPCLOSE_STATUS=%s", tct_status_name(ev->status));
	snprintf(job->variables[1], VARIABLE_LEN, "TCPCLOSE_RULE=%s", ev->rule);
	snprintf(job->variables[2], VARIABLE_LEN, "TCPCLOSE_SEVERITY=%s",
		 tct_severity_name(ev->severity));
	snprintf(job->variables[3], VARIABLE_LEN, "TCPCLOSE_SERVICE=%s", service);
	snprintf(job->variables[4], VARIABLE_LEN, "TCPCLOSE_ID=%u", ev->id);
}

static int set_text(struct tct_exec *exec, struct job *job, const struct tct_finding *ev)
{
	FILE *out = open_memstream(&job->text, &job->len);

	if (!out)
		return -ENOMEM;
	tct_sink_json_init(&exec->json, out, exec->real_offset_ns, &exec->json_ops);
	exec->json_ops.finding(exec->json_ops.ctx, ev);
	tct_json_flush(&exec->json.json);
	if (!fclose(out))
		return 0;
	free(job->text);
	return -ENOMEM;
}

/* An update that still waits is overtaken by what is newer. */
static struct job *place_for(struct tct_exec *exec, const struct tct_finding *ev)
{
	for (size_t i = 0; i < exec->count; i++) {
		struct job *job = &exec->waiting[i];

		if (job->id != ev->id || job->status != TCT_UPDATE)
			continue;
		free(job->text);
		memmove(job, job + 1, (--exec->count - i) * sizeof(*job));
	}
	return exec->count < TCT_EXEC_WAITING ? &exec->waiting[exec->count] : NULL;
}

static void on_finding(void *ctx, const struct tct_finding *ev)
{
	struct tct_exec *exec = ctx;
	struct job *job;

	if (!exec->config.argv || !tct_remind_wants(&exec->remind, ev))
		return;
	job = place_for(exec, ev);
	if (!job) {
		exec->results[TCT_EXEC_LIMITED]++;
		return;
	}
	*job = (struct job){ .id = ev->id, .status = ev->status };
	set_variables(job, ev);
	if (set_text(exec, job, ev))
		exec->results[TCT_EXEC_FAILED]++;
	else
		exec->count++;
}

/* Once a minute: with how many others there were since. */
static void complain(struct tct_exec *exec, uint64_t now_ns, const char *what)
{
	char others[48] = "";

	if (exec->logged_ns && now_ns < exec->logged_ns + MINUTE_NS) {
		exec->untold++;
		return;
	}
	exec->logged_ns = now_ns;
	if (exec->untold)
		snprintf(others, sizeof(others), " (and %llu others failed)",
			 (unsigned long long)exec->untold);
	exec->untold = 0;
	tct_log_error("the alert's command %s%s", what, others);
}

static void tell_end(struct tct_exec *exec, enum tct_exec_result result, int status,
		     uint64_t now_ns)
{
	char what[64];

	exec->results[result]++;
	if (result == TCT_EXEC_OK)
		return;
	if (result == TCT_EXEC_TIMEOUT)
		snprintf(what, sizeof(what), "took longer than %gs, and was ended",
			 (double)exec->config.timeout_ns / 1e9);
	else if (WIFSIGNALED(status))
		snprintf(what, sizeof(what), "was killed by signal %d", WTERMSIG(status));
	else
		snprintf(what, sizeof(what), "ended with %d", WEXITSTATUS(status));
	complain(exec, now_ns, what);
}

static void on_end(struct tct_exec *exec, const struct tct_child *child, int status,
		   uint64_t now_ns)
{
	enum tct_exec_result result = TCT_EXEC_FAILED;

	if (tct_child_was_late(child))
		result = TCT_EXEC_TIMEOUT;
	else if (WIFEXITED(status) && !WEXITSTATUS(status))
		result = TCT_EXEC_OK;
	tell_end(exec, result, status, now_ns);
}

static void start(struct tct_exec *exec, struct tct_child *child, struct job *job, uint64_t now_ns)
{
	char **env = make_environment(job), what[128];
	int err = -ENOMEM;

	if (env)
		err = tct_child_start(child, exec->config.argv, env, job->text, job->len, now_ns,
				      exec->config.timeout_ns);
	free(env);
	if (!err)
		return;
	free(job->text);
	exec->results[TCT_EXEC_FAILED]++;
	snprintf(what, sizeof(what), "cannot be run: %s", strerror(-err));
	complain(exec, now_ns, what);
}

/* Each slot runs what comes next until that is running, or nothing waits. */
static void fill(struct tct_exec *exec, struct tct_child *child, uint64_t now_ns)
{
	int status;

	if (child->pid && now_ns >= child->look_ns && tct_child_tick(child, now_ns, &status))
		on_end(exec, child, status, now_ns);
	while (!child->pid && exec->count) {
		struct job job = exec->waiting[0];

		memmove(exec->waiting, exec->waiting + 1, --exec->count * sizeof(job));
		start(exec, child, &job, now_ns);
		if (child->pid && tct_child_tick(child, now_ns, &status))
			on_end(exec, child, status, now_ns);
	}
}

void tct_exec_tick(struct tct_exec *exec, uint64_t now_ns)
{
	for (size_t i = 0; i < TCT_EXEC_RUNS; i++)
		fill(exec, &exec->runs[i], now_ns);
}

uint64_t tct_exec_deadline(const struct tct_exec *exec)
{
	uint64_t at = TCT_EXEC_NEVER;

	for (size_t i = 0; i < TCT_EXEC_RUNS; i++) {
		const struct tct_child *child = &exec->runs[i];
		uint64_t due = child->pid ? child->look_ns : exec->count ? 0 : TCT_EXEC_NEVER;

		at = due < at ? due : at;
	}
	return at;
}

struct tct_exec *tct_exec_new(const struct tct_exec_config *config, struct tct_sink *ops)
{
	struct tct_exec *exec = calloc(1, sizeof(*exec));

	if (!exec)
		return NULL;
	exec->config = *config;
	tct_remind_init(&exec->remind, &config->remind);
	*ops = (struct tct_sink){ .ctx = exec, .finding = on_finding };
	return exec;
}

static void drop_waiting(struct tct_exec *exec)
{
	while (exec->count)
		free(exec->waiting[--exec->count].text);
}

void tct_exec_free(struct tct_exec *exec)
{
	if (!exec)
		return;
	for (size_t i = 0; i < TCT_EXEC_RUNS; i++) {
		if (exec->runs[i].pid)
			tct_child_end(&exec->runs[i]);
	}
	drop_waiting(exec);
	tct_remind_fini(&exec->remind);
	free(exec);
}

void tct_exec_set(struct tct_exec *exec, const struct tct_exec_config *config)
{
	exec->config = *config;
	tct_remind_set(&exec->remind, &config->remind);
	if (!config->argv)
		drop_waiting(exec);
}

void tct_exec_set_clock(struct tct_exec *exec, uint64_t real_offset_ns)
{
	exec->real_offset_ns = real_offset_ns;
}

uint64_t tct_exec_count(const struct tct_exec *exec, enum tct_exec_result result)
{
	return exec->results[result];
}
