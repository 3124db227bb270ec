# libfdt, from its Debian source (mk/sources): reading flattened device trees.
name := lib/fdt
kind := pure
third := libfdt
srcdir := lib/libfdt
incdir := include/lib/libfdt
srcs := fdt.c fdt_ro.c fdt_rw.c fdt_wip.c fdt_addresses.c fdt_strerror.c
deps := lib/base
include mk/module.mk
