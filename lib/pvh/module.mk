# The start of day of a PVH domain: hvm_start_info.
name := lib/pvh
kind := pure
srcs := start_info.c
deps := lib/base
include mk/module.mk
