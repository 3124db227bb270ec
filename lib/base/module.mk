name := lib/base
kind := pure
srcs := crlf.c fmt.c pheap.c ranges.c
deps :=
include mk/module.mk
