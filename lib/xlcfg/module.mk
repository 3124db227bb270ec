# SPDX-License-Identifier: ISC
# Parser of xl.cfg(5) texts.
name := lib/xlcfg
kind := pure
srcs := parse.c lex.c value.c
deps := lib/base
include mk/module.mk
