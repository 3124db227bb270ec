name := tests/unit/hypervisor/core
kind := unit
srcs := main.c world.c domains.c names.c evtchn.c delivery.c fifo.c fifo_hostile.c memory.c hostile.c \
	grants.c grant_table.c grant_copy.c grant_map.c grant_attacks.c ids.c
deps := tests hypervisor/core lib/portal lib/base
libs := -lpthread
include mk/module.mk
