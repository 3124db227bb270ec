name := tests/unit/lib/pvh
kind := unit
srcs := start_info.c
deps := tests lib/pvh lib/base
include mk/module.mk
