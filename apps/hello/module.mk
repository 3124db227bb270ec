# The smallest useful application.
name := apps/hello
kind := app
srcs := main.c
deps := minios lib/base
include mk/module.mk
