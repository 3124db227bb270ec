# SPDX-License-Identifier: ISC
name := tests/fuzz/hypervisor/daemon/proto
kind := fuzz
srcs := proto_fuzz.c
deps := lib/base hypervisor/daemon/proto
libs := -ljansson
include mk/module.mk
