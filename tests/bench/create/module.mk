# SPDX-License-Identifier: ISC
# Measures creation: request -> answer, -> main(), -> gone.
name := tests/bench/create
kind := tool
program := midge-bench-create
srcs := main.c measure.c
deps := lib/base lib/xlcfg hypervisor/client hypervisor/xl/config \
	hypervisor/xl/load tests/bench/client tests/bench/clock
include mk/module.mk
