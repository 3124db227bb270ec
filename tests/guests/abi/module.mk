# A guest that tries Xen's PV ABI from inside and prints TAP.
name := tests/guests/abi
kind := app
archs := x86_64
srcs := main.c calls.c pagetables.c events.c xenstore.c call.S
deps := minios tests/guests/tap lib/base lib/xenbus
include mk/module.mk
