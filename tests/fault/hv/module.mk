# SPDX-License-Identifier: ISC
# midge-hv once more, its calls to Linux and its memory wrapped so that the
# n-th of them can be made to fail: docs/testing.md. Every name in wrapped has its
# WRAP line in wrap.S.
name := tests/fault/hv
kind := tool
program := midge-hv-fault
srcs := fault.c heap.c zygote.c wrap.S
deps := hypervisor/daemon
extra := $(B)/monitor/monitor_image.o
wrapped := mmap mremap madvise memfd_create pipe2 open fopen opendir socketpair \
	accept4 epoll_ctl epoll_create1 eventfd timerfd_create sendmsg recvmsg \
	pread pwrite write fcntl vfork syscall pthread_create posix_openpt dup2 \
	rename mkdir ftruncate process_vm_readv ptrace
libs := $(addprefix -Wl$(comma)--wrap=,$(wrapped))
include mk/module.mk
