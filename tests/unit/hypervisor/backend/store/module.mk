# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/backend/store
kind := unit
srcs := test.c
deps := tests lib/base lib/ring lib/xenstore hypervisor/store \
	hypervisor/host hypervisor/backend/store
libs := -lpthread
include mk/module.mk
