# SPDX-License-Identifier: ISC
name := tests/unit/lib/xlcfg
kind := unit
srcs := xlcfg_test.c
deps := tests lib/base lib/xlcfg
include mk/module.mk
