# SPDX-License-Identifier: ISC
# A guest that misuses its xenstore ring, and a neighbour that does not.
name := tests/guests/storm
kind := app
archs := x86_64
srcs := main.c ring.c
deps := minios lib/base lib/ring
include mk/module.mk
