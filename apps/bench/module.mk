# Guest side of the benchmarks.
name := apps/bench
kind := app
srcs := main.c
deps := minios lib/base
include mk/module.mk
