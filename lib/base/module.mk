name := lib/base
kind := pure
srcs := fmt.c pheap.c ranges.c
deps :=
include mk/module.mk
