# SPDX-License-Identifier: GPL-2.0
# What goes with the program: man pages, completions. `make package` makes Debian's packages.

MANDIR ?= $(PREFIX)/share/man
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions

.PHONY: install-data package
install: install-data
install-data:
	install -D -m 644 -t $(DESTDIR)$(MANDIR)/man8 scripts/packaging/man/tcpclose-trace.8
	install -D -m 644 -t $(DESTDIR)$(MANDIR)/man5 scripts/packaging/man/tcpclose-trace.conf.5
	install -D -m 644 scripts/packaging/completions/tcpclose-trace.bash \
		$(DESTDIR)$(BASHDIR)/tcpclose-trace
	install -D -m 644 -t $(DESTDIR)$(ZSHDIR) scripts/packaging/completions/_tcpclose-trace

package:
	scripts/package
