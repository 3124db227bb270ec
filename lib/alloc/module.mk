# Memory allocators as plain functions over a range: buddy pages and a heap.
name := lib/alloc
kind := pure
srcs := buddy.c heap.c
deps := lib/base
include mk/module.mk
