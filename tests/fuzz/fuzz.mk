# SPDX-License-Identifier: GPL-2.0
# Fuzz targets: each tests/fuzz/fuzz_*.c is one libFuzzer program. Built by tests/fuzz/run.sh, which
# gives this build its compiler and sanitizers.

FUZZ_TARGETS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SHARED := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/fuzz/fuzz_%,$(wildcard tests/fuzz/*.c)))
# what options look at on this machine: a fuzzer answers for it
FUZZ_WRAPPED := tct_target_netns tct_target_cgroup tct_kernel_check_btf

.PHONY: fuzz
fuzz: $(FUZZ_TARGETS)

$(FUZZ_TARGETS): %: %.o $(FUZZ_SHARED) $(LIB_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(LDFLAGS) $(FUZZ_WRAPPED:%=-Wl,--wrap=%) $^ \
		$(ALL_LIBS) -o $@
