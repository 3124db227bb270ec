# SPDX-License-Identifier: ISC
# Clocks and counts of the benchmarks.
name := tests/bench/clock
kind := hostio
srcs := clock.c count.c
include mk/module.mk
