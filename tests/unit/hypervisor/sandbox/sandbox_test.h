/* SPDX-License-Identifier: ISC */
/* The two halves of the test of hypervisor/sandbox. */
#ifndef SANDBOX_TEST_H
#define SANDBOX_TEST_H

#include <filter/filter.h>
#include <sandbox/sandbox.h>

/* probe.c: has the kernel judge every call with the filter that (params) say,
 * and compares it with the list. */
void test_probe(bool strict_wx, bool arch_prctl);

/* Both kinds of image, both kinds of CPU. */
void build_filter(struct filter *f, struct sandbox_paths *p, bool strict_wx,
                  bool arch_prctl);

/* Where the test says that the monitor's text lies. */
#define TEXT_START 0x10000u
#define TEXT_END   0x11000u

#endif /* SANDBOX_TEST_H */
