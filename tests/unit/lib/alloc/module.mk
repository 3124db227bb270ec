name := tests/unit/lib/alloc
kind := unit
srcs := alloc.c slots.c
deps := tests lib/alloc lib/base
include mk/module.mk
