# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/daemon/proto
kind := unit
srcs := test.c
deps := tests lib/base hypervisor/daemon/proto
libs := -ljansson
include mk/module.mk
