# mem* and str* for code that has no libc: images and the monitor.
name := lib/freestanding
kind := freestanding
srcs := string.c
deps := lib/base
# Otherwise gcc makes memcpy() out of the loop in memcpy().
cflags := -fno-builtin -fno-tree-loop-distribute-patterns
include mk/module.mk
