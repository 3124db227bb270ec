# SPDX-License-Identifier: ISC
# For programs without libc, so that starting them costs what Linux itself takes.
name := tests/bench/bare
kind := hostio
srcs := bare.c filter.c
cflags := -fno-stack-protector
include mk/module.mk
