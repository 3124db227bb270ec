name := tests/fuzz/lib/pvh
kind := fuzz
srcs := start_info_fuzz.c
deps := lib/pvh lib/base
include mk/module.mk
