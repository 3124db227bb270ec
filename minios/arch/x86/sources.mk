# The port to x86-64, PV and PVH.
ARCH_SRCS := $(addprefix arch/x86/, \
	platform.c hypercall.S notes.S rights.c traps.c events.c clock.c timer.c \
	switch.S fpu.c \
	pv/entry.S pv/boot.c pv/pagetable.c pv/identity.c pv/traps.c pv/events.c \
	pv/grant.c \
	pvh/start.S pvh/entry.S pvh/boot.c pvh/cpu.c pvh/paging.c pvh/events.c \
	pvh/grant.c)
ARCH_DEPS := lib/pvh
