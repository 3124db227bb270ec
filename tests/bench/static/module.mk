# SPDX-License-Identifier: ISC
# The least that exec can start: a floor for the creation of anything.
name := tests/bench/static
kind := tool
program := midge-bench-static
srcs := main.c
deps := tests/bench/bare
cflags := -fno-stack-protector
libs := -nostdlib -static-pie
include mk/module.mk
