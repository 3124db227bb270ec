# SPDX-License-Identifier: ISC
# Turns the registered modules into rules. Objects live in
# build/obj/<flavour>/<module>/<source>.o

flavours.pure    := guest monitor host test fuzz
flavours.guest   := guest
flavours.app     := app
flavours.hosted  := host test fuzz
flavours.hostio  := host test fuzz
flavours.freestanding := guest monitor
flavours.monitor := monitor
flavours.vcpu := monitor
flavours.program := host
flavours.tool    := host
flavours.unit    := test
flavours.fuzz    := fuzz

# An object is compiled with its own folder and the include/ of its own module
# and of the declared deps on the path, and nothing else. A pure module never
# sees libc's headers, in whatever flavour.
incs = -iquote $($(1).srcdir) $(addprefix -I,$(wildcard $(addsuffix /include,$(1) $($(1).deps)))) $(addprefix -isystem ,$(foreach m,$(1) $($(1).deps),$($(m).incdir)))
purity = $(if $(filter pure,$($(1).kind)),-ffreestanding $(NOLIBC))

# closure(modules): the modules and everything they depend on, each once.
closure = $(if $(strip $(1)),$(call uniq,$(1) $(call closure,$(filter-out $(1),$(call uniq,$(foreach m,$(1),$($(m).deps)))))))
uniq = $(if $(1),$(firstword $(1)) $(call uniq,$(filter-out $(firstword $(1)),$(1))))

# objs(flavour, modules)
objs = $(foreach m,$(2),$(foreach s,$($(m).srcs),$(B)/obj/$(1)/$(m)/$(s).o))
liblist = $(call uniq,$(foreach m,$(1),$($(m).libs)))

define compile_rule # module flavour source
$(B)/obj/$(2)/$(1)/$(3).o: $($(1).srcdir)/$(3) $(1)/module.mk mk/flags.mk | $(B)/include/xen $(foreach m,$(1) $($(1).deps),$(if $($(m).third),$(SOURCES)/$($(m).third)/.fetched))
	$$(call say,$$(if $$(filter %.S,$(3)),AS,CC),$(1)/$(3) [$(2)])
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(call cc_for,$(2)) $$(FLAGS_$(2)) $$(call purity,$(1)) $(if $($(1).third),-w) $$($(1).cflags) $$(call incs,$(1)) -MMD -MP -c -o $$@ $$<
-include $(B)/obj/$(2)/$(1)/$(3).d
endef
$(foreach m,$(MODULES),$(foreach f,$(flavours.$($(m).kind)),$(foreach s,$($(m).srcs),$(eval $(call compile_rule,$(m),$(f),$(s))))))

# --- third-party sources (mk/sources) ---------------------------------------
define third_rule # module
$(addprefix $($(1).srcdir)/,$($(1).srcs)): $(SOURCES)/$($(1).third)/.fetched ;
endef
$(foreach m,$(MODULES),$(if $($(m).third),$(eval $(call third_rule,$(m)))))
$(SOURCES)/%/.fetched: mk/fetch-source.sh
	$(Q)mk/fetch-source.sh $* $(SOURCES)
	$(Q)touch $@

of_kind = $(foreach m,$(MODULES),$(if $(filter $(1),$($(m).kind)),$(m)))
for_arch = $(foreach m,$(1),$(if $(filter $(ARCH),$(or $($(m).archs),$(ARCH))),$(m)))

# --- Linux programs ---------------------------------------------------------
define program_rule # module
PROGRAMS += $(B)/bin/$($(1).program)
$(B)/bin/$($(1).program): $(call objs,host,$(call closure,$(1))) $($(1).extra)
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) -pie -o $$@ $$(filter %.o,$$^) $(call liblist,$(call closure,$(1)))
endef
$(foreach m,$(call of_kind,program),$(eval $(call program_rule,$(m))))

# Tools of the tests: not installed, build/tests/tools/<program>.
define tool_rule # module
TOOLS += $(B)/tests/tools/$($(1).program)
$(B)/tests/tools/$($(1).program): $(call objs,host,$(call closure,$(1))) $($(1).extra)
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) -pie -o $$@ $$(filter %.o,$$^) $(call liblist,$(call closure,$(1)))
endef
$(foreach m,$(call of_kind,tool),$(eval $(call tool_rule,$(m))))

# --- programs that run vCPUs: static ELFs at a fixed address, embedded in
# midge-hv under the name of the program
define monitor_rule # module program
$(B)/monitor/$(2).elf: $(call objs,monitor,$(call closure,$(1))) mk/monitor.lds
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(LD) -nostdlib -static --no-dynamic-linker --build-id=none -z noexecstack -z max-page-size=4096 --gc-sections -T mk/monitor.lds -o $$@ $$(filter %.o,$$^)
	$$(Q)! $$(NM) -u $$@ | grep .
$(B)/monitor/$(2)_image.o: $(B)/monitor/$(2).elf
	$$(call say,EMBED,$$<)
	$$(Q)cd $$(@D) && $$(LD) -r -z noexecstack -b binary -o $$(@F) $(2).elf
endef
$(foreach m,$(call of_kind,monitor),$(eval $(call monitor_rule,$(m),$($(m).program))))

# --- images -------------------------------------------------------------------
# What a .cfg names is what the architecture's domain builder takes (mk/arch/).
KERNEL_LDS := minios/arch/$(KARCH)/image.lds
define image_rule # module leaf
IMAGES += $(B)/apps/$(2)/$(2).elf $(if $(FLAT),$(B)/apps/$(2)/$(2).img)
$(B)/apps/$(2)/$(2).elf: $(call objs,app,$(1)) $(call objs,guest,$(filter-out $(1),$(call closure,$(1)))) $(KERNEL_LDS) $(1)/$(2).cfg mk/check-image.sh
	$$(call say,IMAGE,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(LD) -nostdlib $$(LINK_ARCH) --build-id=none -z noexecstack -z max-page-size=4096 --gc-sections -T $(KERNEL_LDS) -Map $$(@:.elf=.map) -o $$@ $$(filter %.o,$$^)
	$$(Q)NM=$$(NM) READELF=$$(READELF) mk/check-image.sh $$@
	$$(Q)sed 's,@DIR@,$$(abspath $$(@D)),$(if $(FLAT),;s/$(2)\.elf/$(2).img/)' $(1)/$(2).cfg >$$(@D)/$(2).cfg
$(B)/apps/$(2)/$(2).img: $(B)/apps/$(2)/$(2).elf
	$$(Q)$$(OBJCOPY) -O binary $$< $$@
endef
$(foreach m,$(call for_arch,$(call of_kind,app)),$(eval $(call image_rule,$(m),$(notdir $(m)))))

# --- unit tests and fuzz targets --------------------------------------------------
define unit_rule # module
UNITS += $(B)/$(1).t
$(B)/$(1).t: $(call objs,test,$(call closure,$(1))) $($(1).extra)
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $(if $(CROSS),-static,$$(SANITIZE)) -o $$@ $$(filter %.o,$$^) $(call liblist,$(call closure,$(1)))
endef
# Of another architecture only what is pure: nothing else runs there.
is_pure = $(if $(strip $(filter-out pure unit freestanding,$(foreach d,$(call closure,$(1)),$($(d).kind)))$(call liblist,$(call closure,$(1)))$($(1).extra)),,$(1))
$(foreach m,$(call for_arch,$(call of_kind,unit)),$(if $(if $(CROSS),$(call is_pure,$(m)),yes),$(eval $(call unit_rule,$(m)))))

define fuzz_rule # module
FUZZERS += $(B)/$(1)
$(B)/$(1): $(call objs,fuzz,$(call closure,$(1)))
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CLANG) -fsanitize=fuzzer,address,undefined -o $$@ $$^ $(call liblist,$(call closure,$(1)))
endef
$(foreach m,$(call of_kind,fuzz),$(eval $(call fuzz_rule,$(m))))

# Xen's public headers, from Debian's libxen-dev, without the rest of
# /usr/include.
$(B)/include/xen:
	$(Q)mkdir -p $(@D)
	$(Q)test -e /usr/include/xen/xen.h || { echo 'missing /usr/include/xen: run "make deps" (package libxen-dev)' >&2; exit 1; }
	$(Q)ln -sfn /usr/include/xen $@

# Scripts beside the programs, as links: what they import lies where they do.
SCRIPTS := $(B)/bin/midge-debug
$(B)/bin/midge-debug: hypervisor/debug/midge-debug
	$(Q)mkdir -p $(@D)
	$(Q)ln -sfn $(abspath $<) $@
