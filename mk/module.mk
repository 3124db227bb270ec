# SPDX-License-Identifier: ISC
# Registers one module. A folder's module.mk sets, with :=
#
#   name   its path from the top, e.g. hypervisor/core
#   kind   pure     no libc, no I/O; used by both sides, unit-tested as is
#          guest    part of an image
#          app      an image: build/apps/<leaf>/<leaf>.elf (needs <leaf>.cfg)
#          freestanding  C library functions for images and the monitor
#          hosted   part of a Linux program, libc but no raw I/O of its own
#          hostio   as hosted, and may do raw Linux I/O
#          monitor  a libc-free program that runs vCPUs: build/monitor/<program>.elf
#          vcpu     part of such programs
#          program  a Linux program: build/bin/<program>
#          tool     a Linux program for tests and benchmarks only
#          unit     a unit test (TAP), linked with the sanitised deps
#          fuzz     a libFuzzer target
#   srcs   its .c and .S files, relative to the folder
#   deps   the modules whose include/ it sees; nothing else is on its path
#   libs   for programs, units and hosted modules: linker arguments
#   archs  the architectures it is for, if not all (mk/arch/)
#   third  for third-party code: its name in mk/sources; srcdir and incdir say
#          where in there srcs and public headers are
#   program  for kinds program and monitor: the name of the binary
#
# and then includes this file. Variables are copied into <name>.* and cleared.

ifneq ($(filter $(name),$(MODULES)),)
$(error module $(name) is declared twice)
endif
MODULES += $(name)
$(name).kind := $(kind)
$(name).srcs := $(srcs)
$(name).deps := $(deps)
$(name).libs := $(libs)
$(name).program := $(program)
$(name).cflags := $(cflags)
$(name).extra := $(extra)
$(name).archs := $(archs)
$(name).third := $(third)
$(name).srcdir := $(if $(third),$(SOURCES)/$(third)/$(srcdir),$(name))
$(name).incdir := $(if $(third),$(SOURCES)/$(third)/$(incdir))
name :=
kind :=
srcs :=
deps :=
libs :=
program :=
cflags :=
extra :=
archs :=
third :=
srcdir :=
incdir :=
