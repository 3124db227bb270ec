# SPDX-License-Identifier: ISC
# Core dumps: from page tables to runs of pages, from runs to an ELF file.
name := hypervisor/coredump
kind := pure
srcs := walk.c elf.c
deps := lib/base lib/elf lib/portal
include mk/module.mk
