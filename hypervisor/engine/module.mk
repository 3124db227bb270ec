# What an engine is (engine.h); the engines are in the folders below.
name := hypervisor/engine
kind := hosted
srcs :=
deps := lib/elf lib/portal
include mk/module.mk
