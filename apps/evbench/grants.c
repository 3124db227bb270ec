/* SPDX-License-Identifier: ISC */
/* Grants: the granting side. */
#include "evbench.h"

#include <minios/gnttab.h>
#include <minios/memory.h>
#include <minios/stdio.h>
#include <minios/time.h>

int bench_grants(int argc, char **argv)
{
    struct samples *s = samples_begin();
    void *page = page_alloc(0);
    unsigned i;

    (void)argc;
    (void)argv;
    if (!page)
        return failed("page_alloc", 0);
    for (i = 0; i < SAMPLES_MAX; i++) {
        uint64_t start = time_cycles();
        int ref = gnttab_grant_access(0, page, false);

        if (ref < 0)
            return failed("gnttab_grant_access", ref);
        if (!gnttab_end_access((grant_ref_t)ref))
            return failed("gnttab_end_access: still in use", 0);
        samples_add(s, cycles_to_ns(time_cycles() - start));
    }
    page_free(page, 0);
    samples_print(s, "grant and end");
    return 0;
}
