# SPDX-License-Identifier: ISC
# The seccomp filter of a domain's process, as a program for the kernel. The
# monitor installs it, midge-sandbox prints it.
name := hypervisor/engine/filter
kind := pure
srcs := filter.c
deps := lib/base lib/portal
include mk/module.mk
