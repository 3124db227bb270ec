# Prints the frames and the start-of-day state that a hypervisor gives us.
name := apps/framedump
kind := app
archs := x86_64
srcs := main.c start.c map.c version.c frames.c entry.S
deps := minios lib/base
include mk/module.mk
