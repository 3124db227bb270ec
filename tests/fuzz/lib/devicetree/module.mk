name := tests/fuzz/lib/devicetree
kind := fuzz
srcs := devicetree_fuzz.c
deps := lib/devicetree lib/fdt lib/base
include mk/module.mk
