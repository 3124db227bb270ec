# SPDX-License-Identifier: ISC
# What requests to the store take, and what a domain costs it, beside others.
name := tests/bench/store
kind := tool
program := midge-bench-store
srcs := main.c world.c
deps := lib/base lib/ring lib/xenstore hypervisor/store hypervisor/host \
	hypervisor/backend/store tests/bench/clock
libs := -lpthread
include mk/module.mk
