name := tests/unit/lib/devicetree
kind := unit
srcs := main.c tree.c
deps := tests lib/devicetree lib/fdt lib/base
include mk/module.mk
