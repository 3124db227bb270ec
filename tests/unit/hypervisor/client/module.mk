# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/client
kind := unit
srcs := client_test.c connect_test.c
deps := tests lib/base hypervisor/client
libs := -ljansson
include mk/module.mk
