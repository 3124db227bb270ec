# SPDX-License-Identifier: ISC
name := tests/fuzz/lib/elf
kind := fuzz
srcs := elf_fuzz.c
deps := lib/base lib/elf lib/portal hypervisor/builder
include mk/module.mk
