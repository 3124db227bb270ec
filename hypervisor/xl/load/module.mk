# SPDX-License-Identifier: ISC
# Reads a domain's configuration and opens the files it names.
name := hypervisor/xl/load
kind := hostio
srcs := load.c file.c
deps := lib/base lib/xlcfg hypervisor/client hypervisor/xl/config
include mk/module.mk
