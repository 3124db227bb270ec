# SPDX-License-Identifier: ISC
# Midge's one Makefile. What may use what is said in each folder's module.mk
# (contract: mk/module.mk); how things are compiled and linked is in mk/.

MAKEFLAGS += --no-builtin-rules --no-print-directory
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
.SUFFIXES:
.DELETE_ON_ERROR:
SHELL := /bin/bash

# Everything that is made. For another architecture than this machine's: in a
# folder of its own there (mk/arch/).
BUILD := build
ARCH ?= x86_64
include mk/arch/$(ARCH).mk
SOURCES := $(BUILD)/src
APP ?= hello
EXTRA ?=
PREFIX ?= /usr/local
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(2)')

all: everything

# Lists that the includes below add to.
MODULES :=
PROGRAMS :=
IMAGES :=
UNITS :=
TOOLS :=
FUZZERS :=

include mk/flags.mk
include $(sort $(filter-out mk/% $(BUILD)/%,$(shell find apps drivers hypervisor lib minios tests -name module.mk 2>/dev/null)))
include mk/rules.mk
include mk/deps.mk
include mk/test.mk
include mk/check.mk
include mk/install.mk

.PHONY: all everything clean run
everything: $(if $(CROSS),,$(PROGRAMS) $(SCRIPTS)) $(IMAGES)

# Boot one application under a hypervisor of its own; its arguments: EXTRA='a b'.
# A non-zero exit code of the guest is shown as make's "Error N".
run: deps-build
	$(Q)$(MAKE) --silent everything
	$(Q)mk/run.sh $(B)/bin $(B)/apps/$(APP)/$(APP).cfg '$(subst ','\'',$(EXTRA))'

clean:
	$(Q)rm -rf $(BUILD)
