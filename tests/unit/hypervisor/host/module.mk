# SPDX-License-Identifier: ISC
name := tests/unit/hypervisor/host
kind := unit
srcs := main.c loop.c files.c sockets.c processes.c sandbox.c sandbox_attempts.c starters.c \
	guard.c trials.c
deps := tests lib/base hypervisor/host
include mk/module.mk
