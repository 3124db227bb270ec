# What a device tree tells a Xen domain: read once, into one structure.
name := lib/devicetree
kind := pure
srcs := devicetree.c
deps := lib/base lib/fdt
include mk/module.mk
