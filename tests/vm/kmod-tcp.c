// SPDX-License-Identifier: GPL-2.0
/*
 * TCP over loopback for kmod-test: `kmod-tcp VERB PORT [ARGUMENTS]`. Each run has a network
 * namespace of its own, so that its mini-sockets are gone soon after it. Prints "NETNS CLIENTPORT".
 *   life PORT [4|6|mptcp]  connect, close the client, close the server
 *   half PORT MS           the server closes MS after the client: FIN_WAIT2 first
 *   expire PORT            the server does not close until the client's mini-socket is gone
 *   many PORT N            N lives
 *   churn PORT             lives until killed
 *   inject PORT WORDS...   as life; writes WORDS to debugfs while the connection is open, FD in
 *                          them replaced by the client's; exits with 2 for EINVAL
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define INJECT "/sys/kernel/debug/tcpclose/inject"
#define EXPIRE_MS 4000	/* enough for a linger time of 1 s and a late timer */

struct server {
	int listener;
	bool v6;
	int protocol;
	unsigned int port;
};

struct pair {
	int client, server;
	unsigned int port;	/* the client's */
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "kmod-tcp: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Prints the inode of the new namespace, as the events show it. */
static void enter_netns(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct stat ns;
	int fd;

	if (unshare(CLONE_NEWNET) || stat("/proc/self/ns/net", &ns))
		die("netns");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo))
		die("lo up");
	close(fd);
	printf("%lu ", (unsigned long)ns.st_ino);
}

static socklen_t loopback(struct sockaddr_storage *addr, bool v6, unsigned int port)
{
	struct sockaddr_in *in = (void *)addr;
	struct sockaddr_in6 *in6 = (void *)addr;

	memset(addr, 0, sizeof(*addr));
	addr->ss_family = v6 ? AF_INET6 : AF_INET;
	in->sin_port = htons(port);	/* at the same place in both */
	if (v6) {
		in6->sin6_addr = in6addr_loopback;
		return sizeof(*in6);
	}
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sizeof(*in);
}

static void listen_at(struct server *server)
{
	struct sockaddr_storage addr;
	socklen_t len = loopback(&addr, server->v6, server->port);

	server->listener = socket(addr.ss_family, SOCK_STREAM, server->protocol);
	if (server->listener < 0 || bind(server->listener, (void *)&addr, len) ||
	    listen(server->listener, 16))
		die("listen");
}

static void pair_open(struct pair *pair, const struct server *server)
{
	struct sockaddr_storage addr;
	socklen_t len = loopback(&addr, server->v6, server->port);

	pair->client = socket(addr.ss_family, SOCK_STREAM, server->protocol);
	if (pair->client < 0 || connect(pair->client, (void *)&addr, len))
		die("connect");
	pair->server = accept(server->listener, NULL, NULL);
	if (pair->server < 0)
		die("accept");
	if (getsockname(pair->client, (void *)&addr, &len))
		die("getsockname");
	pair->port = ntohs(((struct sockaddr_in *)&addr)->sin_port);
}

static void pair_close(const struct pair *pair, int ms)
{
	char byte;

	close(pair->client);
	if (read(pair->server, &byte, 1))
		die("no end of file");
	usleep(ms * 1000);
	close(pair->server);
}

static void lives(struct server *server, long count, int ms)
{
	struct pair pair;

	listen_at(server);
	while (count--) {
		pair_open(&pair, server);
		pair_close(&pair, ms);
	}
	printf("%u\n", pair.port);
}

static void expire(struct server *server)
{
	int one = 1;
	struct pair pair;

	listen_at(server);
	pair_open(&pair, server);
	if (setsockopt(pair.client, IPPROTO_TCP, TCP_LINGER2, &one, sizeof(one)))
		die("linger2");
	pair_close(&pair, EXPIRE_MS);
	printf("%u\n", pair.port);
}

static int inject(struct server *server, char **words)
{
	char line[128] = "", fd[16];
	struct pair pair;
	int file, status;

	listen_at(server);
	pair_open(&pair, server);
	snprintf(fd, sizeof(fd), "%d", pair.client);
	for (; *words; words++) {
		if (*line)
			strcat(line, " ");
		strncat(line, strcmp(*words, "FD") ? *words : fd, 40);
	}
	printf("%u\n", pair.port);
	file = open(INJECT, O_WRONLY);
	if (file < 0)
		die(INJECT);
	if (write(file, line, strlen(line)) == (ssize_t)strlen(line))
		status = 0;
	else
		status = errno == EINVAL ? 2 : 1;
	pair_close(&pair, 0);
	return status;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "", *word = argc > 3 ? argv[3] : "";
	struct server server = { .port = argc > 2 ? strtoul(argv[2], NULL, 10) : 0 };

	enter_netns();
	server.v6 = !strcmp(word, "6");
	server.protocol = strcmp(word, "mptcp") ? 0 : IPPROTO_MPTCP;
	if (!strcmp(verb, "life"))
		lives(&server, 1, 0);
	else if (!strcmp(verb, "half"))
		lives(&server, 1, atoi(word));
	else if (!strcmp(verb, "many"))
		lives(&server, atoi(word), 0);
	else if (!strcmp(verb, "churn"))
		lives(&server, -1, 0);
	else if (!strcmp(verb, "expire"))
		expire(&server);
	else if (!strcmp(verb, "inject"))
		return inject(&server, argv + 3);
	else
		return 3;
	return 0;
}
