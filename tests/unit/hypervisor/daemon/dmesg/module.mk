# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/daemon/dmesg
kind := unit
srcs := test.c
deps := tests lib/base hypervisor/daemon/report
include mk/module.mk
