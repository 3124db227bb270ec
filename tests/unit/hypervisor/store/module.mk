# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/store
kind := unit
srcs := main.c peer.c tree.c watches.c txns.c hostile.c limits.c
deps := tests lib/base lib/xenstore hypervisor/store
include mk/module.mk
