# SPDX-License-Identifier: ISC
# The least that a program of its own per guest does: a floor for tenders.
name := tests/bench/tender
kind := tool
program := midge-bench-tender
srcs := main.c
deps := tests/bench/bare
cflags := -fno-stack-protector
libs := -nostdlib -static-pie
include mk/module.mk
