# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/daemon/capacity
kind := unit
srcs := capacity_test.c
deps := tests lib/base hypervisor/daemon/capacity
include mk/module.mk
