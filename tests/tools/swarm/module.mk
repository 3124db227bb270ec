# Makes many domains over one connection, for tests/boot/swarm.t.py.
name := tests/tools/swarm
kind := tool
program := midge-swarm
srcs := main.c
deps := lib/base lib/xlcfg hypervisor/client hypervisor/xl/config hypervisor/xl/load
libs := -ljansson
include mk/module.mk
