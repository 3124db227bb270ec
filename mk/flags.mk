# SPDX-License-Identifier: ISC
# Compilers and flags. A "flavour" is one way of compiling a source file; a
# pure module is compiled in several, every other kind in exactly one.
#
#   guest    in an image: freestanding, no red zone, frame pointers
#   monitor  in the process engine's monitor: as guest, general registers only
#   host     in a Linux program
#   test     for unit tests: host with ASan and UBSan
#   fuzz     for libFuzzer targets (clang)

# The architecture's own are in mk/arch/.
CLANG := clang

WARN := -Wall -Wextra -Werror -Wshadow -Wcast-qual -Wpointer-arith \
	-Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes -Wundef \
	-Wvla -Wimplicit-fallthrough -Wconversion -Wno-sign-conversion

STD   := -std=gnu11 -O2 -g -fno-strict-aliasing -fno-common \
	 -ffile-prefix-map=$(CURDIR)/=
XENINC := -isystem $(B)/include
comma := ,
# gcc's own headers only (stdint.h, stddef.h, stdarg.h, ...): no libc.
NOLIBC = $(eval NOLIBC := -nostdinc -isystem $(shell $(CC) -print-file-name=include))$(NOLIBC)

FREE  := -ffreestanding -fno-pic -fno-pie -fno-stack-protector \
	 -fno-asynchronous-unwind-tables -fno-unwind-tables \
	 -fno-omit-frame-pointer -ffunction-sections -fdata-sections $(FREE_ARCH)

GUESTDEF := -D__XEN_INTERFACE_VERSION__=0x00040e00
HVDEF    := $(GUESTDEF) -D__XEN_TOOLS__

# Kernel code may be interrupted anywhere; it stays out of the FPU registers.
FLAGS_guest   = $(STD) $(WARN) $(FREE) $(NOLIBC) $(XENINC) $(GUESTDEF) -mgeneral-regs-only
FLAGS_app     = $(STD) $(WARN) $(FREE) $(NOLIBC) $(XENINC) $(GUESTDEF)
FLAGS_monitor = $(STD) $(WARN) $(FREE) $(NOLIBC) $(XENINC) $(HVDEF) -mgeneral-regs-only -mfsgsbase \
		-fno-tree-loop-distribute-patterns
FLAGS_host    = $(STD) $(WARN) $(XENINC) $(HVDEF) -D_GNU_SOURCE -fPIE -fstack-protector-strong
FLAGS_test    = $(STD) $(WARN) $(XENINC) $(HVDEF) -D_GNU_SOURCE -fno-omit-frame-pointer \
		$(SANITIZE)
FLAGS_fuzz    = $(STD) $(XENINC) $(HVDEF) -D_GNU_SOURCE -fno-omit-frame-pointer \
		-fsanitize=fuzzer-no-link,address,undefined

CC_fuzz = $(CLANG)
cc_for = $(or $(CC_$(1)),$(CC))
