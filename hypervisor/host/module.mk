# The only raw Linux I/O of the hypervisor: loops, files, sockets, processes.
name := hypervisor/host
kind := hostio
srcs := loop.c fd.c memfd.c pipe.c futex.c process.c child.c signals.c \
	socket.c file.c logfile.c pty.c sysinfo.c clock.c helper.c probe.c service.c \
	starter.c landlock.c seccomp.c sandbox_list.c guard.c trial.c kvm.c
deps := lib/base
libs := -lpthread
include mk/module.mk
