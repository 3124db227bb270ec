name := tests/unit/lib/portal
kind := unit
srcs := portal.c
deps := tests lib/portal lib/base
include mk/module.mk
