# SPDX-License-Identifier: ISC
# The terminal's connection with a domain's console.
name := hypervisor/xl/console
kind := hostio
srcs := console.c stdio.c
deps := lib/base hypervisor/client
include mk/module.mk
