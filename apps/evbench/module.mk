# Micro-benchmarks of the kernel's and the hypervisor's services.
name := apps/evbench
kind := app
srcs := main.c stats.c events.c fifo.c threads.c store.c grants.c peers.c
deps := minios lib/base lib/xenbus
include mk/module.mk
