# SPDX-License-Identifier: ISC
# What measuring programs do with the client library.
name := tests/bench/client
kind := hostio
srcs := client.c
deps := lib/base lib/xlcfg hypervisor/client hypervisor/xl/config \
	hypervisor/xl/load
libs := -ljansson
include mk/module.mk
