# What a guest tells debuggers about itself: headers only.
name := lib/debuginfo
kind := pure
srcs :=
deps :=
include mk/module.mk
