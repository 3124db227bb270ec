# SPDX-License-Identifier: ISC
# The control protocol (docs/control-protocol.md) without its socket: framing,
# and requests from bytes to checked structures.
name := hypervisor/daemon/proto
kind := hosted
srcs := frame.c request.c config.c create.c values.c answer.c
deps := lib/base
libs := -ljansson
include mk/module.mk
