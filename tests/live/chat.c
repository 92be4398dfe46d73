// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <sys/socket.h>

#include "chat.h"
#include "fatal.h"
#include "sockets.h"

#define HOME "127.0.0.1"

int chat_open(uint16_t port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	fatal_unless(!sockets_connect(fd, HOME, port), "connect");
	return fd;
}

void chat_say(int fd, const char *words)
{
	ssize_t len = strlen(words);

	fatal_unless(send(fd, words, len, MSG_NOSIGNAL) == len, "send");
}

void chat_hear(int fd, const char *words)
{
	char text[4096];
	size_t used = 0;
	ssize_t n;

	do {
		n = recv(fd, text + used, sizeof(text) - 1 - used, 0);
		fatal_unless(n > 0, "recv");
		used += n;
		text[used] = '\0';
	} while (!strstr(text, words));
}
