name := hypervisor/engine/process/monitor
kind := monitor
srcs := entry.S zygote.c child.c filter.c frames.c signals.c emulate.c cpuid.c portal_call.c \
	mmu.c frames_of_ram.c hypercall.c op_mmu.c op_memory.c op_sched.c op_evtchn.c events.c op_misc.c \
	op_grant.c crash.c
deps := lib/base lib/portal lib/freestanding hypervisor/engine/process/filter
include mk/module.mk
