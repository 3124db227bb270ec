# SPDX-License-Identifier: ISC
# Tests. Everything speaks TAP; tests/harness.pl runs them and prints the
# closing line "N passed, M failed".

BOOT_TESTS = $(sort $(wildcard tests/boot/*.t.py))
# The longest first. What of them runs on other architectures, too; and what is
# theirs alone.
XEN_TESTS = $(if $(CROSS),$(wildcard tests/xen/guests.t.py tests/xen/toolstack.t.py tests/xen/$(ARCH)/*.t.py),$(shell ls -r tests/xen/*.t.py))

LONG_TESTS = $(sort $(wildcard tests/long/*.t.py))

.PHONY: test test-unit test-boot test-long test-xen fuzz bench
test: deps-test
	$(Q)$(MAKE) --silent everything $(UNITS) $(TOOLS)
	$(Q)B=$(B) tests/harness.pl $(UNITS) $(BOOT_TESTS)

# Of another architecture: what is pure, each program run by EMULATE (mk/arch/).
test-unit: deps-test
	$(Q)$(MAKE) --silent $(UNITS)
	$(Q)B=$(B) EMULATE=$(EMULATE) tests/harness.pl $(UNITS)

# One boot test: make test-boot T=crash
test-boot: deps-test
	$(Q)$(MAKE) --silent everything $(TOOLS)
	$(Q)B=$(B) tests/harness.pl $(if $(T),tests/boot/$(T).t.py,$(BOOT_TESTS))

# What takes a minute or two.
test-long: deps-test
	$(Q)$(MAKE) --silent everything $(TOOLS)
	$(Q)B=$(B) tests/harness.pl $(LONG_TESTS)

# Real Xen in QEMU, built from Debian's packages under build/xen; two at a time,
# each QEMU uses one CPU. One of them: make test-xen T=golden; with the images of
# another architecture: make test-xen ARCH=arm64
test-xen: deps-xen
	$(Q)$(MAKE) --silent everything
	$(if $(CROSS),$(Q)$(MAKE) --silent ARCH=x86_64 everything)
	$(Q)B=$(BUILD) ARCH=$(ARCH) TEST_JOBS=2 tests/harness.pl $(if $(T),tests/xen/$(T).t.py,$(XEN_TESTS))

# What can be measured without a peer that is missing is.
bench: deps-build
	$(Q)$(MAKE) --silent deps-bench || echo 'bench: goes on without them'
	$(Q)$(MAKE) --silent everything $(TOOLS)
	$(Q)B=$(B) python3 tests/bench/run.py $(BENCH)

# Fuzz targets, each for FUZZ_SECONDS, from the committed corpus; what they find
# new is kept under build/fuzz.
FUZZ_SECONDS ?= 60
fuzz: deps-check
	$(Q)$(MAKE) --silent $(FUZZERS) $(IMAGES)
	$(Q)B=$(B) tests/fuzz/run.sh $(FUZZ_SECONDS) $(FUZZERS)
