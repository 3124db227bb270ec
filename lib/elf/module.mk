name := lib/elf
kind := pure
srcs := elf.c notes.c symbols.c strerror.c
deps := lib/base
include mk/module.mk
