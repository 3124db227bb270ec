name := hypervisor/builder
kind := pure
srcs := plan.c fill.c start_info.c
deps := lib/base lib/elf lib/portal
include mk/module.mk
