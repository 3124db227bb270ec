# SPDX-License-Identifier: ISC
# The C library of the control protocol.
name := hypervisor/client
kind := hostio
srcs := call.c connect.c control.c error.c info.c ops.c rundir.c start.c
deps := lib/base
libs := -ljansson
include mk/module.mk
