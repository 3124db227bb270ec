# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/backend/console
kind := unit
srcs := test.c
deps := tests lib/base lib/ring hypervisor/host hypervisor/backend/console
libs := -lpthread
cflags := -iquote hypervisor/backend/console
include mk/module.mk
