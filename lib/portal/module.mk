name := lib/portal
kind := pure
srcs := portal.c hypercalls.c
deps := lib/base
include mk/module.mk
