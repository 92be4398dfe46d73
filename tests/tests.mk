# SPDX-License-Identifier: GPL-2.0
# Test binaries: each tests/unit/test_*.c and tests/live/test_*.c is one program.

TEST_LIBS := -lcmocka -ljansson
LIB_OBJECTS := $(filter-out $(BUILD)/user/main.o,$(OBJECTS))

UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
UNIT_SHARED := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
LIVE_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/live/test_*.c))
LIVE_SHARED := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/live/test_% %.bpf.c,$(wildcard tests/live/*.c)))

COMPARE := $(BUILD)/tests/vm/compare/compare

.PHONY: tests
tests: $(UNIT_TESTS) $(LIVE_TESTS) $(COMPARE) $(BUILD)/tests/replay/play

$(BUILD)/tests/%.o: tests/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MD -MP -c $< -o $@

$(UNIT_TESTS): %: %.o $(UNIT_SHARED) $(LIB_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(ALL_LIBS) $(TEST_LIBS) -o $@

# Live tests know the program only by its command line and its output; libbpf is for a counter of
# their own.
$(LIVE_TESTS): %: %.o $(LIVE_SHARED)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(filter %.o,$^) $(ALL_LIBS) $(TEST_LIBS) -o $@

$(BUILD)/tests/live/counter.o: $(BUILD)/tests/live/counter.skel.h

$(BUILD)/tests/live/counter.o: ALL_CFLAGS += -isystem $(BUILD)/tests/live

# Preloaded into the program (tests/live/preload.h).
$(BUILD)/tests/live/test_fault: $(BUILD)/tests/live/clockshift.so
$(BUILD)/tests/live/test_pin: $(BUILD)/tests/live/fullfs.so
$(BUILD)/tests/live/%.so: tests/live/preload/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(WARNINGS) $(CFLAGS) -shared -fPIC $< -o $@

$(BUILD)/tests/live/%.bpf.o: tests/live/%.bpf.c
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -Ibpf -MD -MP -c $< -o $@

$(BUILD)/tests/live/%.skel.h: $(BUILD)/tests/live/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@.new && mv $@.new $@

# What tests/vm/matrix tells streams apart with.
$(COMPARE): $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/vm/compare/*.c))
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ -ljansson -o $@

# What tests/replay/make.sh records.
$(BUILD)/tests/replay/play: $(BUILD)/tests/replay/play.o $(LIVE_SHARED)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(ALL_LIBS) $(TEST_LIBS) -o $@

-include $(wildcard $(BUILD)/tests/*/*.d $(BUILD)/tests/*/*/*.d)
