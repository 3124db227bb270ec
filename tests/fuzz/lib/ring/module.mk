# Fuzzes the console ring from both sides against a hostile other end.
name := tests/fuzz/lib/ring
kind := fuzz
srcs := ring_fuzz.c
deps := lib/ring lib/base
include mk/module.mk
