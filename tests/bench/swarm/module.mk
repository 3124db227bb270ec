# SPDX-License-Identifier: ISC
# Many domains alive: what one more takes, and one less.
name := tests/bench/swarm
kind := tool
program := midge-bench-swarm
srcs := main.c swarm.c
deps := lib/base lib/xlcfg hypervisor/client hypervisor/xl/config \
	hypervisor/xl/load tests/bench/client tests/bench/clock
include mk/module.mk
