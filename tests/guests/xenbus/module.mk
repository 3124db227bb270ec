# SPDX-License-Identifier: ISC
# A guest that uses all of xenbus from several threads and prints TAP; serves as
# a device's frontend; is asked to shut down.
name := tests/guests/xenbus
kind := app
srcs := main.c store.c many.c watches.c ends.c loop.c timing.c
deps := minios tests/guests/tap lib/base lib/xenbus
include mk/module.mk
