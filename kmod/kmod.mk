# SPDX-License-Identifier: GPL-2.0
# The kernel module. Not part of `make`, as it needs a kernel's headers.
#   make kmod [KDIR=/lib/modules/RELEASE/build] [INJECT=1]   into build/kmod/RELEASE[-inject]/
#   make kmod-install [KDIR=...]                             for that kernel, by hand
#   make dkms-install, dkms-remove                           for this kernel and those to come

KDIR ?= /lib/modules/$(shell uname -r)/build
INJECT ?=
KMOD_FLAGS ?=
KMOD_UTS = $(KDIR)/include/generated/utsrelease.h
KMOD_RELEASE = $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"/\1/p' $(KMOD_UTS))
KMOD_OUT = $(BUILD)/kmod/$(KMOD_RELEASE)$(if $(INJECT),-inject)
KMOD_MAKE = $(MAKE) --no-print-directory -C $(KDIR) M=$(abspath $(KMOD_OUT)) \
	TCT_VERSION=$(VERSION) $(if $(INJECT),TCT_INJECT=y) $(if $(quiet),-s) $(KMOD_FLAGS)
KMOD_SOURCES := Kbuild $(wildcard kmod/*.[ch])
DKMS_NAME := tcpclose-$(VERSION)
DKMS_DIR = $(DESTDIR)/usr/src/$(DKMS_NAME)

.PHONY: kmod kmod-sources kmod-install dkms-source dkms-install dkms-remove
kmod: kmod-sources
	$(call say,KMOD,$(KMOD_OUT)/tcpclose.ko)
	$(Q)$(KMOD_MAKE) modules

# kbuild writes beside the sources: it gets a copy.
kmod-sources:
	$(Q)test -e $(KMOD_UTS) || \
		{ echo "no kernel headers in $(KDIR) (see KDIR in kmod/kmod.mk)" >&2; exit 1; }
	$(Q)mkdir -p $(KMOD_OUT)/kmod
	$(Q)for f in $(KMOD_SOURCES); do \
		cmp -s $$f $(KMOD_OUT)/$$f || cp $$f $(KMOD_OUT)/$$f || exit 1; done

kmod-install: kmod
	$(Q)test -z "$(INJECT)" || { echo "the test build is not for installing" >&2; exit 1; }
	$(Q)$(KMOD_MAKE) $(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR)) INSTALL_MOD_DIR=updates modules_install
	$(Q)$(if $(DESTDIR),:,depmod $(KMOD_RELEASE))

# What dkms builds from; a package needs no more than this.
dkms-source:
	$(Q)mkdir -p $(DKMS_DIR)/kmod
	$(Q)for f in $(KMOD_SOURCES); do install -m 644 $$f $(DKMS_DIR)/$$f || exit 1; done
	$(Q)sed 's/#MODULE_VERSION#/$(VERSION)/' kmod/dkms.conf >$(DKMS_DIR)/dkms.conf

dkms-install: dkms-source
	dkms install tcpclose/$(VERSION)

dkms-remove:
	dkms remove tcpclose/$(VERSION) --all
	rm -rf $(DKMS_DIR)

# What its test in the guest needs; static, as they run on any kernel's bare system.
$(BUILD)/tests/vm/kmod-%: tests/vm/kmod-%.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE= $(WARNINGS) -O2 -static $< -o $@
