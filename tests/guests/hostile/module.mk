# A guest that attacks the host from inside its process.
name := tests/guests/hostile
kind := app
srcs := main.c attack.S
deps := minios lib/base
include mk/module.mk
