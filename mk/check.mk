# SPDX-License-Identifier: ISC
# What the compiler cannot check by itself: layering, purity, headers that
# stand alone, formatting, lint, sizes, and that SUPPORT.md tells the truth.

.PHONY: check check-deps check-pure check-io check-headers check-format check-tidy \
	check-size check-support fmt
check: deps-check
	$(Q)$(MAKE) --silent check-deps check-pure check-io check-headers check-format check-size check-support check-tidy
	@echo 'check: all passed'

# Every declared dependency exists: a typo is an error, not a gap.
check-deps:
	$(foreach m,$(MODULES),$(foreach d,$($(m).deps),$(if $(filter $(d),$(MODULES)),,$(error $(m)/module.mk: no such module: $(d)))))
	@true

mods.pure := $(call of_kind,pure)
mods.hosted := $(call of_kind,hosted program)

# A pure module's undefined symbols are its dependencies' or in the list.
check-pure: $(call objs,host,$(mods.pure)) mk/pure.allow
	$(call say,CHECK,purity of $(words $(mods.pure)) modules)
	$(foreach m,$(mods.pure),$(if $($(m).srcs),$(Q)mk/check-symbols.sh pure $(m) mk/pure.allow '$(call objs,host,$(filter-out $(m),$(call closure,$(m))))' $(call objs,host,$(m))$(newline)))

# Only hypervisor/host (and what talks for xl) may do raw I/O.
check-io: $(call objs,host,$(mods.hosted)) mk/io.deny
	$(call say,CHECK,raw I/O of $(words $(mods.hosted)) modules)
	$(foreach m,$(mods.hosted),$(if $($(m).srcs),$(Q)mk/check-symbols.sh io $(m) mk/io.deny '' $(call objs,host,$(m))$(newline)))

define newline


endef

# The flavour a module's headers are compiled in.
header_flavour = $(firstword $(flavours.$($(1).kind)))
check-headers: | $(B)/include/xen
	$(call say,CHECK,headers stand alone)
	$(foreach m,$(filter-out tests,$(MODULES)),$(foreach h,$(shell find $(m)/include -name '*.h' 2>/dev/null),$(Q)$(CC) $(FLAGS_$(if $(filter hosted hostio program,$($(m).kind)),host,$(call header_flavour,$(m)))) $(call purity,$(m)) $(call incs,$(m)) -x c -fsyntax-only -Wno-unused-function $(h) -Wno-pragma-once-outside-header$(newline)))

check-format:
	$(call say,CHECK,format)
	$(Q)mk/sources.sh '*.c' '*.h' | xargs clang-format --dry-run -Werror

fmt:
	$(Q)mk/sources.sh '*.c' '*.h' | xargs clang-format -i

check-size:
	$(call say,CHECK,sizes of files and functions)
	$(Q)mk/check-size.sh

check-support: $(B)/tests/tools/support
	$(call say,CHECK,SUPPORT.md against the hypercall table)
	$(Q)mk/check-support.sh $< SUPPORT.md

tidy_flavour = $(if $(filter hosted hostio program pure,$($(1).kind)),host,$(call header_flavour,$(1)))
# Flags of gcc's that clang does not know.
gcc_only := -fno-tree-loop-distribute-patterns
# Of another architecture, what only that compiles.
tidied = $(filter $(if $(CROSS),arch/$(KARCH)/%.c $(KARCH)/%.c,%.c),$($(1).srcs))
TIDIED :=
define tidy_rule # module source
TIDIED += $(B)/tidy/$(1)/$(2).ok
$(B)/tidy/$(1)/$(2).ok: $(1)/$(2) .clang-tidy | $(B)/include/xen
	$$(call say,TIDY,$(1)/$(2))
	$$(Q)mkdir -p $$(@D)
	$$(Q)clang-tidy --quiet $(1)/$(2) -- $(if $(CROSS),--target=aarch64-linux-gnu) $$(filter-out $$(gcc_only) -W%,$$(FLAGS_$(call tidy_flavour,$(1))) $$(call purity,$(1)) $$($(1).cflags)) $$(call incs,$(1)) 2>$$@.log | tee -a $$@.log; test $$$${PIPESTATUS[0]} = 0
	$$(Q)touch $$@
endef
$(foreach m,$(MODULES),$(foreach s,$(if $($(m).third),,$(call tidied,$(m))),$(eval $(call tidy_rule,$(m),$(s)))))
check-tidy: $(TIDIED)
