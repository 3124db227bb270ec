# Splits a command line into arguments.
name := lib/args
kind := pure
srcs := args.c
deps := lib/base
include mk/module.mk
