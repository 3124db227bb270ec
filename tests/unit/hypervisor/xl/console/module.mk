# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/xl/console
kind := unit
srcs := console_test.c
deps := tests lib/base hypervisor/client hypervisor/xl/console
libs := -ljansson
include mk/module.mk
