# What the engines share, as seen from the daemon: templates, zygotes, domains'
# memory and processes.
name := hypervisor/engine/common
kind := hosted
srcs := error.c template.c image.c window.c keeper.c zygote.c vm.c run.c frames.c \
	memory.c
deps := lib/base lib/elf lib/portal hypervisor/builder hypervisor/engine \
	hypervisor/host
libs := -lpthread
include mk/module.mk
