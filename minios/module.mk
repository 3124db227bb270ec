# The kernel of an image: boot, memory, events, threads, time, console,
# xenstore, traps, shutdown.
# The hooks that an architecture supplies are in include/minios/arch.h.
include minios/arch/$(KARCH)/sources.mk
name := minios
kind := guest
srcs := start.c shutdown.c panic.c console.c stdio.c memory.c paging.c time.c \
	evtchn/evtchn.c evtchn/two_level.c evtchn/fifo.c \
	timer.c thread.c thread_sched.c thread_stack.c thread_wait.c sync.c \
	gnttab.c gnttab_later.c hvm.c \
	xenbus/client.c xenbus/requests.c xenbus/directory.c xenbus/watch.c \
	xenbus/frontend.c xenbus/frontend_list.c xenbus/frontend_nodes.c \
	$(ARCH_SRCS)
deps := lib/base lib/freestanding lib/ring lib/alloc lib/args lib/debuginfo \
	lib/xenstore lib/xenbus $(ARCH_DEPS)
include mk/module.mk
