# SPDX-License-Identifier: GPL-2.0
# The kernel module. Part of `make`, not of `make all`: it needs a kernel's headers.
#   make kmod [KDIR=/lib/modules/RELEASE/build] [INJECT=1]

KDIR ?= /lib/modules/$(shell uname -r)/build
INJECT ?=
KMOD_RELEASE = $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"/\1/p' \
	$(KDIR)/include/generated/utsrelease.h)
KMOD_SOURCES := Kbuild $(wildcard kmod/*.[ch])
KMOD_OUT = $(BUILD)/kmod/$(or $(KMOD_RELEASE),unknown)$(if $(INJECT),-inject)
KMOD_MAKE = $(MAKE) --no-print-directory -C $(KDIR) M=$(abspath $(KMOD_OUT)) TCT_VERSION=$(VERSION) \
	$(if $(INJECT),TCT_INJECT=y) $(KMOD_FLAGS)

.PHONY: kmod kmod-sources kmod-install
kmod: kmod-sources
	$(call say,KMOD,$(KMOD_OUT)/tcpclose.ko)
	$(Q)$(KMOD_MAKE) modules

# kbuild writes beside the sources: it gets a copy
kmod-sources:
	$(Q)test -e $(KDIR)/include/generated/utsrelease.h || \
		{ echo "no kernel headers in $(KDIR); set KDIR" >&2; exit 1; }
	$(Q)mkdir -p $(KMOD_OUT)/kmod
	$(Q)for f in $(KMOD_SOURCES); do cp -u $$f $(KMOD_OUT)/$$f || exit 1; done

# never the test build
kmod-install: INJECT :=
kmod-install: kmod
	$(Q)$(KMOD_MAKE) INSTALL_MOD_DIR=updates modules_install
	depmod $(KMOD_RELEASE)
