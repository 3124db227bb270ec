# Dies in the way asked for: what a crash looks like.
name := apps/crash
kind := app
srcs := main.c
deps := minios lib/base
include mk/module.mk
