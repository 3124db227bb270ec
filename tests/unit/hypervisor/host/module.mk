# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/host
kind := unit
srcs := main.c loop.c files.c sockets.c processes.c
deps := tests lib/base hypervisor/host
include mk/module.mk
