name := tests/unit/lib/base
kind := unit
srcs := fmt.c
deps := tests lib/base
include mk/module.mk
