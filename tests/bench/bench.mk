# SPDX-License-Identifier: GPL-2.0
# The bench's programs. Works alone (make -f tests/bench/bench.mk) and included by a Makefile that sets BUILD.
BUILD ?= build
CLANG ?= clang
LIBBPF_LIBS ?= -lbpf -lelf -lz

# absolute: what was built from one directory is known from another
bench_dir := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
bench_out := $(abspath $(BUILD))/bench
bench_cflags := -O3 -g -Wall -Wextra -Wtype-limits -Werror
bench_churn := $(addprefix $(bench_dir)/,churn.c limits.c netns.c)
bench_crowd := $(addprefix $(bench_dir)/,crowd.c crowd_work.c netns.c)
bench_headers := $(wildcard $(bench_dir)/*.h)
bench_root := $(abspath $(bench_dir)/../..)
bench_core := $(addprefix $(bench_root)/tests/bench/,core.c core_load.c core_ring.c core_shards.c) \
	$(wildcard $(bench_root)/user/core/*.c) $(bench_root)/user/source/consumer.c
bench_include := $(shell $(CC) -print-multiarch 2>/dev/null)

.PHONY: bench-programs
bench-programs: $(addprefix $(bench_out)/,churn crowd stopwatch core empty stats empty.bpf.o)

$(bench_out)/churn: $(bench_churn) $(bench_headers) | $(bench_out)
	$(Q)$(CC) $(bench_cflags) $(CFLAGS) -o $@ $(bench_churn) -pthread

$(bench_out)/crowd: $(bench_crowd) $(bench_headers) | $(bench_out)
	$(Q)$(CC) $(bench_cflags) $(CFLAGS) -o $@ $(bench_crowd)

$(bench_out)/stopwatch: $(bench_dir)/stopwatch.c | $(bench_out)
	$(Q)$(CC) $(bench_cflags) $(CFLAGS) -o $@ $<

# as the program is built, from the same sources
$(bench_out)/core.o/%.o: $(bench_root)/%.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE= $(bench_cflags) $(CFLAGS) -MD -MP -c -o $@ $<

$(bench_out)/core: $(bench_core:$(bench_root)/%.c=$(bench_out)/core.o/%.o)
	$(Q)$(CC) $(bench_cflags) $(CFLAGS) -o $@ $^ -pthread $(LIBBPF_LIBS)

$(bench_out)/empty $(bench_out)/stats: $(bench_out)/%: $(bench_dir)/%.c | $(bench_out)
	$(Q)$(CC) $(bench_cflags) $(CFLAGS) -o $@ $< $(LIBBPF_LIBS)

$(bench_out)/empty.bpf.o: $(bench_dir)/empty.bpf.c | $(bench_out)
	$(Q)$(CLANG) -target bpf -O2 -g -Wall -Werror -idirafter /usr/include/$(bench_include) -c -o $@ $<

$(bench_out):
	$(Q)mkdir -p $@

-include $(wildcard $(bench_out)/core.o/*/*/*.d)
