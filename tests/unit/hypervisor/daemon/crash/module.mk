# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/daemon/crash
kind := unit
srcs := test.c threads.c
deps := tests lib/base lib/elf lib/portal lib/debuginfo hypervisor/daemon/report
include mk/module.mk
