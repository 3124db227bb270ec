# The TAP header for unit tests.
name := tests
kind := pure
srcs :=
deps :=
include mk/module.mk
