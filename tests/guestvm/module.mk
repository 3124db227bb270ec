# Domains of the process engine without a daemon, for tests and measurements.
name := tests/guestvm
kind := hosted
srcs := domain.c image.c guest.S
deps := lib/base lib/elf lib/portal hypervisor/builder hypervisor/engine \
	hypervisor/engine/process hypervisor/host
include mk/module.mk
