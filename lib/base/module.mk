name := lib/base
kind := pure
srcs := fmt.c
deps :=
include mk/module.mk
