# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/xl/format
kind := unit
srcs := format_test.c
deps := tests lib/base lib/xlcfg hypervisor/client hypervisor/xl/config \
	hypervisor/xl/format
libs := -ljansson
include mk/module.mk
