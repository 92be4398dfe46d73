# SPDX-License-Identifier: GPL-2.0
# tcpclose-trace: `make`, `make install`, `make test`, `make bench`; V=1 shows the commands.

VERSION := 0.1.0
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=

CC ?= gcc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config

WARNINGS := -Wall -Wextra -Wtype-limits -Werror
SANITIZE ?=
CFLAGS ?= -O3 -g
LIBRARIES := libbpf libelf zlib libcap-ng inih libsystemd libmicrohttpd
ALL_CFLAGS := -std=gnu11 -D_GNU_SOURCE= -DTCT_VERSION=$(VERSION) $(WARNINGS) \
	$(shell $(PKG_CONFIG) --cflags $(LIBRARIES)) $(SANITIZE) $(CFLAGS)
ALL_LIBS := $(shell $(PKG_CONFIG) --libs $(LIBRARIES))
# what a kprobe's registers are called: that of the machine the program is built for
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
BPF_ARCH := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(MACHINE)))
# -mcpu=v2: kernels of the 5.10 line take no later instruction set
BPF_CFLAGS := -O2 -g -target bpf -mcpu=v2 -D__TARGET_ARCH_$(BPF_ARCH) $(WARNINGS) \
	-Wno-unused-parameter -fdebug-prefix-map=$(CURDIR)=.

quiet := $(findstring s,$(firstword -$(MAKEFLAGS)))
ifeq ($(V),1)
Q :=
say = @:
else ifneq ($(quiet),)
Q := @
say = @:
else
Q := @
say = @printf '  %-8s %s\n' $(1) $(2)
endif

SOURCES := $(wildcard user/*.c user/*/*.c)
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
SKELETONS := $(patsubst bpf/%.bpf.c,$(BUILD)/skel/%.skel.h,$(wildcard bpf/*.bpf.c))
PROGRAM := $(BUILD)/tcpclose-trace

# kept: make would delete them as steps on the way
.SECONDARY:

.PHONY: all install clean test bench debug-kernel debug-test
all: $(PROGRAM) $(BUILD)/compile_commands.json

$(PROGRAM): $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(ALL_LIBS) -o $@

$(BUILD)/user/%.o: user/%.c | $(SKELETONS)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -isystem $(BUILD)/skel -MD -MP -c $< -o $@

# The page at / is in the program, as one file. A script's part may use what those before it define.
PAGE := $(BUILD)/page.html
PAGE_SCRIPTS := $(patsubst %,user/page/%.js,\
	dom format metrics diagram histogram findings status health page)
$(PAGE): user/page/page.html user/page/page.css $(PAGE_SCRIPTS)
	$(call say,PAGE,$@)
	$(Q)mkdir -p $(@D)
	$(Q)sed -e '/^@style@$$/{r user/page/page.css' -e 'd}' \
		-e '/^@script@$$/{' $(PAGE_SCRIPTS:%=-e 'r %') -e 'd}' user/page/page.html >$@.new && \
		mv $@.new $@

$(BUILD)/user/serve/page.o: $(PAGE)
$(BUILD)/user/serve/page.o: ALL_CFLAGS += -Wa,-I$(BUILD)

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MD -MP -c $< -o $@

$(BUILD)/skel/%.skel.h: $(BUILD)/bpf/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@.new && mv $@.new $@

# One entry a source, for clangd and clang-tidy.
$(BUILD)/compile_commands.json: Makefile $(SOURCES)
	$(call say,JSON,$@)
	$(Q)mkdir -p $(@D)
	$(Q){ printf '['; sep=; for f in $(SOURCES); do \
		printf '%s\n{"directory":"%s","file":"%s","command":"%s"}' "$$sep" '$(CURDIR)' "$$f" \
		'$(CC) $(ALL_CFLAGS) -isystem $(BUILD)/skel -c '"$$f"; sep=,; done; \
		printf '\n]\n'; } > $@

install: $(PROGRAM)
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/sbin/tcpclose-trace

test:
	scripts/test

bench:
	scripts/bench

# Neither is part of `make test`.
debug-kernel:
	tests/vm/debug-kernel

debug-test:
	tests/vm/debug-test

clean:
	rm -rf $(BUILD)

include kmod/kmod.mk
include scripts/packaging/packaging.mk
include tests/tests.mk
include tests/fuzz/fuzz.mk
-include $(OBJECTS:.o=.d) $(patsubst bpf/%.c,$(BUILD)/bpf/%.d,$(wildcard bpf/*.bpf.c))
