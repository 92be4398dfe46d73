// SPDX-License-Identifier: GPL-2.0
#include "answers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX 4096		/* bytes; a path */

static void tell(struct tct_session *session, enum tct_input_kind kind, uint32_t pid,
		 const void *data, size_t len)
{
	const struct tct_input input = { .kind = kind, .which = pid, .data = data, .len = len };

	if (session->config.tee)
		session->config.tee(session->config.tee_ctx, &input);
}

/* One process may be asked about several times: each time the next answer, and after all the last. */
static const struct tct_input *find(struct tct_session *session, enum tct_input_kind kind,
				    uint32_t pid)
{
	struct tct_answer *found = NULL;

	for (size_t i = 0; i < session->answers.count && (!found || found->given); i++) {
		struct tct_answer *answer = &session->answers.list[i];

		if (answer->input.kind == kind && answer->input.which == pid)
			found = answer;
	}
	if (!found)
		return NULL;
	found->given = true;
	return &found->input;
}

static char *cgroup_of(void *ctx, uint32_t pid)
{
	struct tct_session *session = ctx;
	const struct tct_lookups *live = &session->config.lookups;
	const struct tct_input *answer;
	char *path;

	if (live->cgroup_of) {
		path = live->cgroup_of(live->ctx, pid);
		tell(session, TCT_IN_CGROUP, pid, path, path ? strlen(path) : 0);
		return path;
	}
	answer = find(session, TCT_IN_CGROUP, pid);
	return answer && answer->len ? strndup(answer->data, answer->len) : NULL;
}

static bool files_of(void *ctx, uint32_t pid, struct tct_files *out)
{
	struct tct_session *session = ctx;
	const struct tct_lookups *live = &session->config.lookups;
	const struct tct_input *answer;
	bool known;

	if (live->files_of) {
		known = live->files_of(live->ctx, pid, out);
		tell(session, TCT_IN_FILES, pid, out, known ? sizeof(*out) : 0);
		return known;
	}
	answer = find(session, TCT_IN_FILES, pid);
	if (!answer || !answer->len)
		return false;
	memcpy(out, answer->data, sizeof(*out));
	return true;
}

void tct_answers_init(struct tct_session *session)
{
	session->lookups = (struct tct_lookups){
		.cgroup_of = cgroup_of, .files_of = files_of, .ctx = session,
	};
}

void tct_answers_fini(struct tct_session *session)
{
	tct_answers_drop(session);
	free(session->answers.list);
	session->answers = (struct tct_answers){ 0 };
}

static int make_room(struct tct_answers *answers)
{
	size_t room = answers->room ? 2 * answers->room : 16;
	struct tct_answer *list;

	if (answers->count < answers->room)
		return 0;
	list = realloc(answers->list, room * sizeof(*list));
	if (!list)
		return -ENOMEM;
	answers->list = list;
	answers->room = room;
	return 0;
}

int tct_answers_keep(struct tct_session *session, const struct tct_input *input)
{
	struct tct_answers *answers = &session->answers;
	struct tct_input copy = *input;

	if (input->len > ANSWER_MAX || (input->kind == TCT_IN_FILES && input->len &&
					input->len != sizeof(struct tct_files)))
		return -EBADMSG;
	if (make_room(answers))
		return -ENOMEM;
	copy.data = NULL;
	if (input->len) {
		void *bytes = malloc(input->len);

		if (!bytes)
			return -ENOMEM;
		copy.data = memcpy(bytes, input->data, input->len);
	}
	answers->list[answers->count++] = (struct tct_answer){ .input = copy };
	return 0;
}

void tct_answers_drop(struct tct_session *session)
{
	for (size_t i = 0; i < session->answers.count; i++)
		free((void *)session->answers.list[i].input.data);
	session->answers.count = 0;
}
