# SPDX-License-Identifier: ISC
# x86-64: images, and everything that runs on Linux.
KARCH := x86
B := $(BUILD)
CC := gcc
LD := ld
NM := nm
OBJCOPY := objcopy
READELF := readelf
FREE_ARCH := -fcf-protection=none -mno-red-zone -mcmodel=small
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
LINK_ARCH := -static
FLAT :=
CROSS :=
