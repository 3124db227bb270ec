# Core dumps from page tables and registers to bytes.
name := tests/unit/hypervisor/coredump
kind := unit
archs := x86_64
srcs := test.c
deps := tests hypervisor/coredump lib/base lib/portal
include mk/module.mk
