# The process engine: PV domains as sandboxed processes. What runs inside those
# is in monitor/; a program that links this module lists
# $(B)/monitor/monitor_image.o in extra.
name := hypervisor/engine/process
kind := hosted
srcs := engine.c pv.c look.c
deps := lib/base lib/elf lib/portal hypervisor/builder hypervisor/engine \
	hypervisor/engine/common hypervisor/host
include mk/module.mk
