# SPDX-License-Identifier: ISC
# A guest that attacks the host from inside its process.
name := tests/guests/hostile
kind := app
archs := x86_64
srcs := main.c calls.c doors.c allowed.c storms.c tables.c writes.c attack.S
deps := minios lib/base lib/portal
include mk/module.mk
