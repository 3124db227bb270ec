# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/xl/load
kind := unit
srcs := load_test.c
deps := tests lib/base lib/xlcfg hypervisor/client hypervisor/xl/config \
	hypervisor/xl/load
libs := -ljansson
include mk/module.mk
