# SPDX-License-Identifier: ISC
name := tests/unit/lib/xenbus
kind := unit
srcs := main.c store.c client_test.c hostile_test.c events_test.c \
	directory_test.c frontend_test.c
deps := tests lib/base lib/ring lib/xenstore lib/xenbus
include mk/module.mk
