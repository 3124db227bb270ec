name := hypervisor/engine/process/monitor
kind := monitor
program := monitor
srcs := entry.S child.c filter.c frames.c signals.c emulate.c cpuid.c mmu.c \
	frames_of_ram.c hypercalls.c op_mmu.c op_memory.c op_misc.c crash.c
deps := lib/base lib/portal lib/freestanding hypervisor/engine/filter \
	hypervisor/engine/vcpu
include mk/module.mk
