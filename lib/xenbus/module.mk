# SPDX-License-Identifier: ISC
# The guest's half of xenstore and of device negotiation, without a kernel
# around it: requests, answers and watch events on the ring; the frontend's
# state machine.
name := lib/xenbus
kind := pure
srcs := client.c receive.c events.c directory.c frontend.c
deps := lib/base lib/ring lib/xenstore
include mk/module.mk
