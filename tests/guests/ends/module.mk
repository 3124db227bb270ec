# A guest that ends with the SHUTDOWN_* reason it is told.
name := tests/guests/ends
kind := app
srcs := main.c
deps := minios lib/base
include mk/module.mk
