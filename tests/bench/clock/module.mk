# SPDX-License-Identifier: ISC
# Clocks of the benchmarks.
name := tests/bench/clock
kind := hostio
srcs := clock.c
include mk/module.mk
