name := tests/unit/lib/args
kind := unit
srcs := args.c
deps := tests lib/args lib/base
include mk/module.mk
