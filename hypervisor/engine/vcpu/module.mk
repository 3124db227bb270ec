# What the programs that run vCPUs share: compiled for them, linked into both.
name := hypervisor/engine/vcpu
kind := vcpu
srcs := zygote.c child.c portal_call.c hypercall.c op_reservation.c \
	op_sched.c op_evtchn.c op_grant.c op_version.c op_console.c events.c
deps := lib/base lib/portal lib/freestanding hypervisor/engine/filter
include mk/module.mk
