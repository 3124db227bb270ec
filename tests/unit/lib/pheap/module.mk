name := tests/unit/lib/pheap
kind := unit
srcs := pheap.c
deps := tests lib/base
include mk/module.mk
