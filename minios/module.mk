# The kernel of an image: boot, memory, events, threads, time, console,
# xenstore, traps, shutdown.
# The hooks that an architecture supplies are in include/minios/arch.h.
name := minios
kind := guest
srcs := start.c shutdown.c panic.c console.c stdio.c memory.c time.c \
	evtchn/evtchn.c evtchn/two_level.c evtchn/fifo.c \
	timer.c thread.c thread_sched.c thread_stack.c thread_wait.c sync.c \
	gnttab.c gnttab_later.c \
	xenbus/client.c xenbus/requests.c xenbus/directory.c xenbus/watch.c \
	xenbus/frontend.c xenbus/frontend_list.c xenbus/frontend_nodes.c \
	arch/x86/platform.c arch/x86/hypercall.S arch/x86/notes.S \
	arch/x86/rights.c arch/x86/traps.c arch/x86/events.c \
	arch/x86/clock.c arch/x86/switch.S arch/x86/fpu.c \
	arch/x86/pv/entry.S arch/x86/pv/boot.c arch/x86/pv/pagetable.c \
	arch/x86/pv/identity.c arch/x86/pv/traps.c arch/x86/pv/events.c \
	arch/x86/pv/grant.c \
	arch/x86/pvh/start.S arch/x86/pvh/entry.S arch/x86/pvh/boot.c \
	arch/x86/pvh/cpu.c arch/x86/pvh/paging.c arch/x86/pvh/events.c \
	arch/x86/pvh/grant.c
deps := lib/base lib/freestanding lib/ring lib/alloc lib/args lib/debuginfo \
	lib/xenstore lib/xenbus lib/pvh
include mk/module.mk
