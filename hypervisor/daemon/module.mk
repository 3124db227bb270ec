# SPDX-License-Identifier: ISC
# midge-hv, the daemon: workers, control socket, and the life of domains.
name := hypervisor/daemon
kind := program
program := midge-hv
srcs := main.c options.c rundir.c workers.c stop.c log.c conn.c accept.c reply.c confine.c room.c \
	requests.c req_domain.c req_control.c req_info.c req_list.c create.c make.c templates.c \
	lifecycle.c dump.c core_file.c rename.c place.c update.c ending.c portal_calls.c hv_ops.c crash_log.c ended.c \
	store.c \
	restart.c hold.c lost.c kvm.c
deps := lib/base lib/elf lib/portal lib/ring hypervisor/host \
	hypervisor/core hypervisor/engine hypervisor/engine/process \
	hypervisor/backend/console hypervisor/backend/store hypervisor/store \
	hypervisor/coredump hypervisor/sandbox hypervisor/engine/filter \
	lib/xenstore hypervisor/daemon/proto \
	hypervisor/daemon/report hypervisor/daemon/capacity
extra := $(B)/monitor/monitor_image.o
libs := -ljansson -lpthread
include mk/module.mk
