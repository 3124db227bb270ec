# SPDX-License-Identifier: ISC
# xl, the command.
name := hypervisor/xl
kind := program
program := xl
srcs := main.c commands.c options.c create.c follow.c domain.c \
	host.c list.c control.c dump.c shutdown.c uptime.c
deps := lib/base lib/xlcfg hypervisor/daemon/proto hypervisor/client hypervisor/xl/config \
	hypervisor/xl/console hypervisor/xl/format hypervisor/xl/load
libs := -ljansson
include mk/module.mk
