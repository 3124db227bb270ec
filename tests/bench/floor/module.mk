# SPDX-License-Identifier: ISC
# What Linux itself takes for the work of a creation. Linked statically, so that
# a fork copies little.
name := tests/bench/floor
kind := tool
program := midge-bench-floor
srcs := main.c fork.c exec.c filter.c
deps := tests/bench/bare tests/bench/clock
libs := -static-pie
include mk/module.mk
