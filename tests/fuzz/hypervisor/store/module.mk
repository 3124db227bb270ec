# SPDX-License-Identifier: ISC
# Fuzzes the store with requests of two domains and a client.
name := tests/fuzz/hypervisor/store
kind := fuzz
srcs := store_fuzz.c
deps := lib/base lib/xenstore hypervisor/store
include mk/module.mk
