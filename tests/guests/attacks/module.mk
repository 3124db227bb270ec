# A guest that sends hypercalls no honest guest would, and prints TAP.
name := tests/guests/attacks
kind := app
archs := x86_64
srcs := main.c pointers.c memory.c multicall.c waiting.c versions.c portal.c call.S
deps := minios tests/guests/tap lib/base lib/portal
include mk/module.mk
