# SPDX-License-Identifier: ISC
# Fuzzes the xenstore backend with rings that guests have scribbled over.
name := tests/fuzz/hypervisor/backend/store
kind := fuzz
srcs := ring_fuzz.c
deps := lib/base lib/ring lib/xenstore hypervisor/store hypervisor/host \
	hypervisor/backend/store
libs := -lpthread
include mk/module.mk
