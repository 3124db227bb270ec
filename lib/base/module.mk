name := lib/base
kind := pure
srcs := fmt.c pheap.c
deps :=
include mk/module.mk
