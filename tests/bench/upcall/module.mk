# SPDX-License-Identifier: ISC
# Measures an upcall: from the hypervisor's kick to a blocked guest's handler.
name := tests/bench/upcall
kind := tool
program := midge-bench-upcall
srcs := main.c
deps := lib/base lib/elf lib/portal hypervisor/builder hypervisor/engine \
	hypervisor/engine/process hypervisor/host tests/guestvm tests/bench/clock
extra := $(B)/monitor/monitor_image.o
libs := -lpthread
include mk/module.mk
