# SPDX-License-Identifier: ISC
# How many more guests fit: arithmetic over the host's limits.
name := hypervisor/daemon/capacity
kind := hosted
srcs := capacity.c
include mk/module.mk
