// SPDX-License-Identifier: GPL-2.0
/* What a replay answers is what the live run was answered, each time that it asked. */
#include "test.h"

#include "../../user/session/answers.h"

static void keep(struct tct_session *session, uint32_t pid, uint64_t open)
{
	const struct tct_files files = { .open = open, .limit = 100 };
	const struct tct_input input = { .kind = TCT_IN_FILES, .which = pid, .data = &files,
					 .len = sizeof(files) };

	assert_int_equal(tct_answers_keep(session, &input), 0);
}

static uint64_t open_of(struct tct_session *session, uint32_t pid)
{
	struct tct_files files;

	assert_true(session->lookups.files_of(session->lookups.ctx, pid, &files));
	return files.open;
}

/* Two findings of one process, which closes its sockets meanwhile; a batch later there is a third. */
static void test_asked_again(void **state)
{
	struct tct_session session = { 0 };
	struct tct_files files;

	(void)state;
	tct_answers_init(&session);
	keep(&session, 7, 97);
	keep(&session, 8, 5);
	keep(&session, 7, 40);
	assert_int_equal(open_of(&session, 7), 97);
	assert_int_equal(open_of(&session, 7), 40);
	assert_int_equal(open_of(&session, 7), 40);
	keep(&session, 7, 3);
	assert_int_equal(open_of(&session, 7), 3);
	assert_int_equal(open_of(&session, 8), 5);
	tct_answers_drop(&session);
	assert_false(session.lookups.files_of(session.lookups.ctx, 7, &files));
	tct_answers_fini(&session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
