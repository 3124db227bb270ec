# SPDX-License-Identifier: ISC
# Reads seccomp filters: what they let through, and the names of system calls.
name := hypervisor/sandbox
kind := hosted
srcs := paths.c print.c names.c
deps := lib/base hypervisor/engine/filter
include mk/module.mk
