# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/xl/config
kind := unit
srcs := config_test.c
deps := tests lib/base lib/xlcfg hypervisor/xl/config
include mk/module.mk
