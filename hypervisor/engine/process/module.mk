# The process engine, as seen from the daemon: templates, zygotes, domains'
# memory and processes. What runs inside those processes is in monitor/; a
# program that links this module lists $(B)/monitor/monitor_image.o in extra.
name := hypervisor/engine/process
kind := hosted
srcs := engine.c error.c template.c image.c window.c keeper.c zygote.c vm.c \
	run.c frames.c memory.c
deps := lib/base lib/elf lib/portal hypervisor/builder hypervisor/engine \
	hypervisor/host
libs := -lpthread
include mk/module.mk
