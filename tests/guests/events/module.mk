# A guest with as many event channels as it can get; talks to another of its kind.
name := tests/guests/events
kind := app
srcs := main.c ports.c peer.c
deps := minios tests/guests/tap lib/base
include mk/module.mk
