name := lib/ring
kind := pure
srcs := console.c
deps := lib/base
include mk/module.mk
