// SPDX-License-Identifier: GPL-2.0
/* What systemd is told, and what it hands over. */
#include "test.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "../../user/serve/listen.h"
#include "../../user/serve/notify.h"
#include "capture.h"

static int systemd;		/* its end */
static char text[512];

static const char *told(void)
{
	ssize_t len = recv(systemd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[len > 0 ? len : 0] = '\0';
	return text;
}

static int setup(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len;

	(void)state;
	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "tct-notify-%d", getpid());
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			  strlen(address.sun_path + 1));
	systemd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(systemd, (struct sockaddr *)&address, len), 0);
	address.sun_path[0] = '@';
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return close(systemd);
}

static void test_life(void **state)
{
	const struct tct_notify_status status = { .mirrored = 5, .findings = 1, .lost = 0 };
	struct tct_notify notify;

	(void)state;
	tct_notify_init(&notify);
	assert_int_equal(tct_notify_deadline(&notify), TCT_NOTIFY_NEVER);
	tct_notify_ready(&notify, SECOND);
	assert_string_equal(told(), "READY=1");
	tct_notify_tell_status(&notify, &status, SECOND);
	assert_string_equal(told(), "STATUS=5 sockets mirrored, 1 findings open, 0 events lost");
	tct_notify_tell_status(&notify, &status, 100 * SECOND);
	assert_string_equal(told(), "");
	tct_notify_reloading(&notify, 7 * SECOND);
	assert_string_equal(told(), "RELOADING=1\nMONOTONIC_USEC=7000000");
	tct_notify_stopping(&notify);
	assert_string_equal(told(), "STOPPING=1");
}

static void test_status_is_not_told_often(void **state)
{
	struct tct_notify_status status = { .mirrored = 1 };
	struct tct_notify notify;

	(void)state;
	tct_notify_init(&notify);
	for (uint64_t at = 0; at < 1000; at++) {
		status.mirrored++;
		tct_notify_tell_status(&notify, &status, (100 + at / 100) * SECOND);
	}
	assert_string_not_equal(told(), "");
	assert_string_not_equal(told(), "");
	assert_string_equal(told(), "");
}

static void test_watchdog(void **state)
{
	char pid[16];
	struct tct_notify notify;

	(void)state;
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("WATCHDOG_USEC", "10000000", 1);
	setenv("WATCHDOG_PID", pid, 1);
	tct_notify_init(&notify);
	tct_notify_ready(&notify, 100 * SECOND);
	assert_string_equal(told(), "READY=1");
	assert_int_equal(tct_notify_deadline(&notify), 105 * SECOND);
	tct_notify_progress(&notify, 105 * SECOND - 1);
	assert_string_equal(told(), "");
	tct_notify_progress(&notify, 105 * SECOND);
	assert_string_equal(told(), "WATCHDOG=1");
	assert_int_equal(tct_notify_deadline(&notify), 110 * SECOND);
}

static void test_alone(void **state)
{
	const struct tct_notify_status status = { .mirrored = 5 };
	struct tct_notify notify;

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	setenv("WATCHDOG_USEC", "10000000", 1);
	tct_notify_init(&notify);
	tct_notify_ready(&notify, SECOND);
	tct_notify_progress(&notify, 1000 * SECOND);
	tct_notify_tell_status(&notify, &status, SECOND);
	assert_int_equal(tct_notify_deadline(&notify), TCT_NOTIFY_NEVER);
	assert_string_equal(told(), "");
}

/* What a program that was handed this descriptor as the first says. */
static int hand_over(int fd, char *errors, size_t size)
{
	struct capture capture;
	char pid[16];
	int got, kept = fcntl(3, F_DUPFD_CLOEXEC, 10);

	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", fd < 0 ? "0" : "1", 1);
	if (fd >= 0)
		dup2(fd, 3);
	capture_begin(&capture, STDERR_FILENO);
	got = tct_notify_listen_fd();
	capture_end(&capture, errors, size);
	if (kept >= 0) {
		dup2(kept, 3);
		close(kept);
	}
	return got;
}

static void test_listen(void **state)
{
	int stream = socket(AF_INET, SOCK_STREAM, 0), datagram = socket(AF_INET, SOCK_DGRAM, 0);
	char errors[512];

	(void)state;
	assert_int_equal(hand_over(stream, errors, sizeof(errors)), -1);
	assert_non_null(strstr(errors, "wants a stream socket that listens"));
	assert_int_equal(listen(stream, 1), 0);
	assert_int_equal(hand_over(stream, errors, sizeof(errors)), 3);
	assert_string_equal(errors, "");
	assert_true(fcntl(stream, F_GETFL) & O_NONBLOCK);
	assert_int_equal(hand_over(datagram, errors, sizeof(errors)), -1);
	assert_int_equal(hand_over(-1, errors, sizeof(errors)), -1);
	assert_non_null(strstr(errors, "wants one socket from systemd"));
	close(stream);
	close(datagram);
}

static void test_addresses(void **state)
{
	static const char *const bad[] = {
		"", ":", "1.2.3.4", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "[::1]", "[::1:80",
		"::1:80", "host:80", "1.2.3.4:8o", "fd://3", "[1.2.3.4]:80", "[]:80",
		"[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc]:80",
	};
	struct tct_listen got;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (!tct_listen_parse(bad[i], &got))
			fail_msg("%s", bad[i]);
	}
	assert_int_equal(tct_listen_parse("fd://", &got), 0);
	assert_true(got.handed_over);
	assert_int_equal(tct_listen_parse("localhost:80", &got), 0);
	assert_int_equal(got.address.ss_family, AF_INET);
	assert_int_equal(got.len, sizeof(struct sockaddr_in));
	assert_int_equal(tct_listen_parse("[fe80::1]:80", &got), 0);
	assert_int_equal(got.len, sizeof(struct sockaddr_in6));
	assert_int_equal(tct_listen_parse(":9929", &got), 0);
	assert_int_equal(got.address.ss_family, AF_INET6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_life),
		TEST(test_status_is_not_told_often),
		TEST(test_watchdog),
		TEST(test_alone),
		cmocka_unit_test(test_listen),
		cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
