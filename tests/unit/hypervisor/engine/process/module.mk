# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/engine/process
kind := unit
srcs := main.c templates.c windows.c vms.c frames.c memory.c \
	zygotes.c
deps := tests tests/guestvm lib/base lib/elf lib/portal hypervisor/builder hypervisor/engine \
	hypervisor/engine/process hypervisor/engine/common hypervisor/host
extra := $(B)/monitor/monitor_image.o
include mk/module.mk
