# SPDX-License-Identifier: ISC
name := tests/fuzz/lib/xlcfg
kind := fuzz
srcs := xlcfg_fuzz.c
deps := lib/base lib/xlcfg
include mk/module.mk
