# SPDX-License-Identifier: ISC
# What xl prints: columns and JSON.
name := hypervisor/xl/format
kind := hosted
srcs := info.c json.c list.c uptime.c
deps := lib/base lib/xlcfg hypervisor/client hypervisor/xl/config
libs := -ljansson
include mk/module.mk
