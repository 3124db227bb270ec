# SPDX-License-Identifier: ISC
# midge-sandbox, the command.
name := hypervisor/sandbox/tool
kind := program
program := midge-sandbox
srcs := main.c
deps := lib/base lib/portal hypervisor/engine/filter hypervisor/host hypervisor/sandbox
extra := $(B)/monitor/monitor_image.o
include mk/module.mk
