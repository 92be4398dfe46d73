// SPDX-License-Identifier: GPL-2.0
/* Segments that the kernel itself drops: nftables rules of the current namespace. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fatal.h"
#include "nft.h"

#define NFT "/usr/sbin/nft"

static int run(const char *rules)
{
	char *const argv[] = { NFT, (char *)rules, NULL };
	int status = -1;
	pid_t pid = fork();

	fatal_unless(pid >= 0, "fork");
	if (!pid) {
		fclose(stdout);
		execv(NFT, argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return status;
}

void nft_drop(const char *match)
{
	char rules[512];

	if (access(NFT, X_OK))
		fatal_skip("no " NFT " here");
	snprintf(rules, sizeof(rules), "table inet tct { chain in { "
		 "type filter hook input priority 0; policy accept; }; }; "
		 "flush chain inet tct in; %s%s%s", *match ? "add rule inet tct in " : "",
		 match, *match ? " counter drop" : "");
	if (run(rules))
		fatal_skip("nft cannot set a rule here: no nf_tables");
}
