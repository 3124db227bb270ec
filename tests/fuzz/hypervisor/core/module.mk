# SPDX-License-Identifier: ISC
name := tests/fuzz/hypervisor/core
kind := fuzz
srcs := core_fuzz.c
deps := lib/base lib/portal hypervisor/core
include mk/module.mk
