# Lists the hypercall table, for the check of SUPPORT.md.
name := tests/tools
kind := tool
srcs := support.c
deps := lib/portal
program := support
include mk/module.mk
