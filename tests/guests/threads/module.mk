# A guest that tries threads, their locks and timers, and prints TAP.
name := tests/guests/threads
kind := app
srcs := main.c lifetimes.c locks.c times.c preempt.c registers.c crashes.c \
	$(KARCH)/pattern.c $(KARCH)/vectors.S
cflags := -iquote tests/guests/threads/$(KARCH)
deps := minios tests/guests/tap lib/base
include mk/module.mk
