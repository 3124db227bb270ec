# TAP for test guests.
name := tests/guests/tap
kind := guest
srcs := tap.c
deps := minios lib/base
include mk/module.mk
