// SPDX-License-Identifier: GPL-2.0
/* SOCK_DESTROY: what `ss -K` does to a socket, be it a mini-socket. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <unistd.h>

#include "destroy.h"
#include "fatal.h"

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 body;
};

struct answer {
	struct nlmsghdr header;
	struct nlmsgerr error;
	struct request request;
};

static struct request request_for(const struct end *end)
{
	struct request r = {
		.header = { .nlmsg_len = sizeof(r), .nlmsg_type = SOCK_DESTROY,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.body = { .sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP,
			  .idiag_states = ~0U },
	};

	r.body.id.idiag_sport = htons(end->lport);
	r.body.id.idiag_dport = htons(end->rport);
	r.body.id.idiag_src[0] = inet_addr(end->laddr);
	r.body.id.idiag_dst[0] = inet_addr(end->raddr);
	r.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	r.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	return r;
}

void destroy_socket(const struct end *end)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	struct request request = request_for(end);
	struct answer answer = { .error.error = -EPROTO };

	if (fd < 0)
		fatal_skip("no sock_diag here");
	fatal_unless(send(fd, &request, sizeof(request), 0) == sizeof(request), "SOCK_DESTROY");
	fatal_unless(recv(fd, &answer, sizeof(answer), 0) > 0, "answer to SOCK_DESTROY");
	close(fd);
	errno = -answer.error.error;
	if (errno == EOPNOTSUPP)
		fatal_skip("this kernel destroys no such socket");
	fatal_unless(!errno, "SOCK_DESTROY");
}
