// SPDX-License-Identifier: GPL-2.0
/* Attaches every program of a BPF object, says "ready", keeps it attached until INT, TERM or the parent's death. */
#include <bpf/libbpf.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

static int attach_all(struct bpf_object *object)
{
	struct bpf_program *program;

	/* The links live as long as this process; their file descriptors are closed with it. */
	bpf_object__for_each_program(program, object) {
		if (!bpf_program__attach(program))
			return -errno;
	}
	return 0;
}

static int hold_attached(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	sigset_t set;
	int err, signal;

	if (!object)
		return -errno;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	err = bpf_object__load(object);
	if (!err)
		err = attach_all(object);
	if (!err) {
		puts("ready");
		fflush(stdout);
		sigwait(&set, &signal);
	}
	bpf_object__close(object);
	return err;
}

int main(int argc, char **argv)
{
	int err;

	if (argc != 2) {
		fprintf(stderr, "usage: empty OBJECT\n");
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	err = hold_attached(argv[1]);
	if (err) {
		fprintf(stderr, "empty: %s: %s\n", argv[1], strerror(-err));
		return 1;
	}
	return 0;
}
