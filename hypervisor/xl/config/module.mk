# SPDX-License-Identifier: ISC
# What the settings of a domain configuration mean.
name := hypervisor/xl/config
kind := pure
srcs := config.c cpus.c keys.c values.c
deps := lib/base lib/xlcfg
include mk/module.mk
