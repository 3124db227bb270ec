# Prints a line a second.
name := apps/ticker
kind := app
srcs := main.c
deps := minios lib/base
include mk/module.mk
