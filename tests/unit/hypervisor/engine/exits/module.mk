# SPDX-License-Identifier: ISC
# The wrapped functions are what vm_kick() ends with: between its look at the
# vCPU and them, a test lets the vCPU go on (world.c).
name := tests/unit/hypervisor/engine/exits
kind := unit
srcs := main.c paths.c steps.c walk.c world.c guest.S
deps := tests tests/guestvm lib/base lib/elf lib/portal hypervisor/core \
	hypervisor/builder hypervisor/engine hypervisor/engine/process \
	hypervisor/host
libs := -Wl,--wrap=process_signal,--wrap=futex_wake
extra := $(B)/monitor/monitor_image.o
include mk/module.mk
