# SPDX-License-Identifier: ISC
# The xenstore backend: domains' rings and clients' sockets, one store.
name := hypervisor/backend/store
kind := hosted
srcs := backend.c ring.c client.c nodes.c
deps := lib/base lib/ring lib/xenstore hypervisor/store hypervisor/host
include mk/module.mk
