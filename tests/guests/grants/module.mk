# SPDX-License-Identifier: ISC
# A guest that grants, copies and measures as it is told, and one that attacks.
name := tests/guests/grants
kind := app
srcs := main.c commands.c hostile.c
deps := minios tests/guests/tap lib/base lib/args
include mk/module.mk
