name := tests/unit/lib/ring
kind := unit
srcs := console.c
deps := tests lib/ring lib/base
include mk/module.mk
