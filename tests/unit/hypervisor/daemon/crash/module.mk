# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/daemon/crash
kind := unit
srcs := test.c
deps := tests lib/base lib/elf lib/portal hypervisor/daemon/report
include mk/module.mk
