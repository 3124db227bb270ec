name := tests/unit/hypervisor/core
kind := unit
srcs := main.c world.c domains.c names.c evtchn.c delivery.c fifo.c fifo_hostile.c memory.c hostile.c
deps := tests hypervisor/core lib/portal lib/base
include mk/module.mk
