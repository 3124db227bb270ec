# SPDX-License-Identifier: ISC
# 64-bit Arm: images, and the unit tests of pure modules, which qemu-user runs.
KARCH := arm
B := $(BUILD)/arm64
CROSS := aarch64-linux-gnu-
CC := $(CROSS)gcc
LD := $(CROSS)ld
NM := $(CROSS)nm
OBJCOPY := $(CROSS)objcopy
READELF := $(CROSS)readelf
# An image is placed where Xen likes and relocates itself, so code must be
# position-independent: that of the small model is, without -fpic's tables.
FREE_ARCH := -mcmodel=small -mno-outline-atomics -mno-omit-leaf-frame-pointer \
	-mbranch-protection=none
# qemu-user and the sanitizers' shadow memory do not go together.
SANITIZE :=
LINK_ARCH := -pie --no-dynamic-linker -z text -z norelro
# Xen's builder takes a flat Image.
FLAT := yes
EMULATE := qemu-aarch64-static
