# SPDX-License-Identifier: ISC
name := tests/unit/lib/xenstore
kind := unit
srcs := test.c
deps := tests lib/base lib/xenstore
include mk/module.mk
