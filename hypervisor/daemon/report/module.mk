# SPDX-License-Identifier: ISC
# What the daemon has to tell: the message ring behind `xl dmesg', and crash
# reports. No I/O.
name := hypervisor/daemon/report
kind := hosted
srcs := dmesg.c crash.c backtrace.c thread.c plain.c
deps := lib/base lib/elf lib/portal lib/debuginfo
include mk/module.mk
