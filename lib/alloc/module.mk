# Memory allocators as plain functions over a range: buddy pages, a heap,
# numbered slots.
name := lib/alloc
kind := pure
srcs := buddy.c heap.c slots.c
deps := lib/base
include mk/module.mk
