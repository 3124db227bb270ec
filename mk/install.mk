# SPDX-License-Identifier: ISC
# make install PREFIX=/usr/local [DESTDIR=]

.PHONY: install
install: $(PROGRAMS)
	$(Q)install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man{1,5,8}
	$(Q)install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	$(Q)for m in docs/man/*.[158]; do install -m 644 $$m $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}; done
	$(Q)install -d $(DESTDIR)$(PREFIX)/share/midge/debug
	$(Q)install -m 755 hypervisor/debug/midge-debug $(DESTDIR)$(PREFIX)/bin
	$(Q)install -m 644 hypervisor/debug/*.py $(DESTDIR)$(PREFIX)/share/midge/debug
