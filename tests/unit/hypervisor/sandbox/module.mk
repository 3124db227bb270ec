# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/sandbox
kind := unit
srcs := main.c probe.c
deps := tests lib/base lib/portal hypervisor/engine/filter hypervisor/sandbox
include mk/module.mk
