name := hypervisor/core
kind := pure
srcs := domain.c ids.c names.c evtchn.c evtchn_2l.c evtchn_fifo.c evtchn_ops.c memory.c hypercall.c \
	grant.c grant_ops.c grant_copy.c grant_map.c grant_stale.c
deps := lib/base lib/portal
include mk/module.mk
