# SPDX-License-Identifier: ISC
# Debian packages: installed when missing, by name, and said so. Each kind of
# target asks for its section of mk/packages.

.PHONY: deps deps-build deps-test deps-check deps-bench deps-xen
deps: deps-build deps-test deps-check deps-bench deps-xen
deps-build: $(B)/.deps-build $(if $(CROSS),$(B)/.deps-$(ARCH))
deps-test: deps-build $(B)/.deps-test
deps-check: deps-build $(B)/.deps-check
deps-bench: deps-build $(B)/.deps-bench
deps-xen: deps-build $(B)/.deps-xen $(if $(CROSS),$(B)/.deps-xen-$(ARCH))
# Asked for by name they look again: a package may have been removed since.
.PHONY: look-again
$(B)/.deps-%: mk/packages mk/deps.sh $(if $(filter deps deps-%,$(MAKECMDGOALS)),look-again)
	$(Q)mk/deps.sh mk/packages $*
	$(Q)mkdir -p $(@D) && touch $@
