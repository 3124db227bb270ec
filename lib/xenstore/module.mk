# SPDX-License-Identifier: ISC
# Xenstore's wire format: framing, payloads, paths, permissions, error names.
name := lib/xenstore
kind := pure
srcs := wire.c path.c perms.c
deps := lib/base
include mk/module.mk
