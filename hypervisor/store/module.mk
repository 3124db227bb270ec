# SPDX-License-Identifier: ISC
# The xenstore tree: nodes, permissions, quotas, watches, transactions. Pure.
name := hypervisor/store
kind := pure
srcs := dir.c node.c domain.c store.c conn.c watch.c txn.c commit.c view.c \
	modify.c read.c serve.c control.c
deps := lib/base lib/xenstore
include mk/module.mk
