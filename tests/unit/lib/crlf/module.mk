name := tests/unit/lib/crlf
kind := unit
srcs := crlf.c
deps := tests lib/base
include mk/module.mk
