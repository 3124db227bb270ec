# SPDX-License-Identifier: ISC
# The console backend: the other end of a domain's console ring.
name := hypervisor/backend/console
kind := hosted
srcs := console.c backlog.c exitline.c logs.c tty.c linger.c
deps := lib/base lib/ring hypervisor/host
include mk/module.mk
