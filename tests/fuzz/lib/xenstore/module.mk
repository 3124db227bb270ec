# SPDX-License-Identifier: ISC
# Fuzzes what parses payloads of xenstore messages.
name := tests/fuzz/lib/xenstore
kind := fuzz
srcs := wire_fuzz.c
deps := lib/base lib/xenstore
include mk/module.mk
