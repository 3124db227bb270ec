# SPDX-License-Identifier: ISC
# Fuzzes the guest's xenstore client with a store that says anything.
name := tests/fuzz/lib/xenbus
kind := fuzz
srcs := xenbus_fuzz.c
deps := lib/base lib/ring lib/xenstore lib/xenbus
include mk/module.mk
