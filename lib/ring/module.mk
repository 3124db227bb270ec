name := lib/ring
kind := pure
srcs := bytes.c console.c xenstore.c
deps := lib/base
include mk/module.mk
