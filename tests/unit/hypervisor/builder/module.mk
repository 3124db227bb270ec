name := tests/unit/hypervisor/builder
kind := unit
archs := x86_64
srcs := main.c sample.c plan.c pages.c domain.c
deps := tests hypervisor/builder lib/elf lib/portal lib/base
include mk/module.mk
