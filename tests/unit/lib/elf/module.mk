name := tests/unit/lib/elf
kind := unit
srcs := main.c sample.c refusals.c notes.c symbols.c
deps := tests lib/elf lib/base
include mk/module.mk
