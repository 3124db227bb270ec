/* SPDX-License-Identifier: ISC */
/* Grant calls that no well-meaning guest makes. The answers are real Xen's,
 * where both can give one. */
#include "grants.h"

#include <base/string.h>
#include <guest/tap.h>
#include <minios/arch.h>
#include <minios/gnttab.h>
#include <minios/hypercall.h>
#include <minios/memory.h>
#include <minios/stdio.h>
#include <xen/errno.h>

#define NOT_MAPPED 0x7f00000000ull

static long call(int op, void *arg, unsigned n)
{
    return HYPERVISOR_grant_table_op(op, arg, n);
}

static void *nowhere(void)
{
    return (void *)NOT_MAPPED;
}

static void calls_as_such(void)
{
    struct gnttab_query_size q = {.dom = DOMID_SELF};
    static const int ops[] = {GNTTABOP_setup_table,
                              GNTTABOP_query_size,
                              GNTTABOP_copy,
                              GNTTABOP_map_grant_ref,
                              GNTTABOP_set_version,
                              GNTTABOP_swap_grant_ref,
                              GNTTABOP_get_status_frames};
    unsigned i;

    for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
        check_is(call(ops[i], nowhere(), 1), -XEN_EFAULT,
                 "an argument that is not mapped");
    check_is(call(GNTTABOP_copy, nowhere(), 0), 0, "none of them");
    check_is(call(GNTTABOP_copy, &q, UINT32_MAX), -XEN_EINVAL,
             "a negative count");
    check_is(call(GNTTABOP_copy, (void *)(UINTPTR_MAX - 63), 2), -XEN_EFAULT,
             "at the end of all addresses");
    check_is(call(GNTTABOP_query_size, &q, 2), -XEN_EINVAL, "two sizes");
    check_is(call(77, &q, 1), -XEN_ENOSYS, "an unknown operation");
}

static long setup(domid_t dom, unsigned n, xen_pfn_t *list)
{
    struct gnttab_setup_table s = {.dom = dom, .nr_frames = n};
    long rc;

    set_xen_guest_handle(s.frame_list, list);
    rc = call(GNTTABOP_setup_table, &s, 1);
    return rc ? rc : s.status;
}

static void tables(void)
{
    struct gnttab_query_size q = {.dom = DOMID_SELF};
    static xen_pfn_t list[1024];

    check_is(call(GNTTABOP_query_size, &q, 1), 0, "how large may it be?");
    check_is(setup(DOMID_SELF, q.max_nr_frames + 1, list), GNTST_general_error,
             "a table larger than that");
    check_is(setup(DOMID_SELF, 1u << 30, list), GNTST_general_error,
             "a table of 4 TiB");
    check_is(setup(0x7fe0, 1, list), GNTST_bad_domain, "a table of nobody");
    check_is(setup(0, 1, list), GNTST_permission_denied, "domain 0's table");
    check_is(setup(DOMID_SELF, 1, nowhere()), GNTST_bad_virt_addr,
             "a list that is not mapped");
}

static long set_version(uint32_t v)
{
    struct gnttab_set_version s = {.version = v};

    return call(GNTTABOP_set_version, &s, 1);
}

static long status_frames(unsigned n)
{
    static uint64_t list[64];
    struct gnttab_get_status_frames s = {.dom = DOMID_SELF, .nr_frames = n};
    long rc;

    set_xen_guest_handle(s.frame_list, list);
    rc = call(GNTTABOP_get_status_frames, &s, 1);
    return rc ? rc : s.status;
}

static void versions(void)
{
    check_is(set_version(3), -XEN_EINVAL, "version 3");
    check_is(set_version(0), -XEN_EINVAL, "version 0");
    check_is(status_frames(1), GNTST_general_error,
             "status frames of a version 1 table");
}

static long swap(grant_ref_t a, grant_ref_t b)
{
    struct gnttab_swap_grant_ref s = {.ref_a = a, .ref_b = b};
    long rc = call(GNTTABOP_swap_grant_ref, &s, 1);

    return rc ? rc : s.status;
}

static void swaps(void)
{
    check_is(swap(8, 1u << 31), GNTST_bad_gntref, "swap with nothing");
    check_is(swap(UINT32_MAX, 8), GNTST_bad_gntref, "nothing with something");
}

static long copy(domid_t from, uint64_t what, unsigned flags, unsigned offset,
                 unsigned len)
{
    struct gnttab_copy c = {.flags = (uint16_t)flags, .len = (uint16_t)len};
    void *page = page_alloc(0);
    long rc;

    c.source.domid = from;
    if (flags & GNTCOPY_source_gref)
        c.source.u.ref = (grant_ref_t)what;
    else
        c.source.u.gmfn = what;
    c.source.offset = (uint16_t)offset;
    c.dest.domid = DOMID_SELF;
    c.dest.u.gmfn = arch_page_gfn(page);
    rc = call(GNTTABOP_copy, &c, 1);
    page_free(page, 0);
    return rc ? rc : c.status;
}

static void copies(void)
{
    uint64_t own = arch_page_gfn((const void *)0x100000);
    int ref = gnttab_grant_access(DOMID_SELF, page_alloc(0), true);

    check_is(copy(DOMID_SELF, own, 0, 1, 4096), GNTST_bad_copy_arg,
             "a copy across the page's end");
    check_is(copy(DOMID_SELF, own, 0, 65535, 1), GNTST_bad_copy_arg,
             "a copy from far behind it");
    check_is(copy(DOMID_SELF, 1ull << 50, 0, 0, 1), GNTST_bad_page,
             "a frame that does not exist");
    check_is(copy(0, own, 0, 0, 1), GNTST_permission_denied,
             "domain 0's frame");
    check_is(copy(0x7fe0, 1, GNTCOPY_source_gref, 0, 1), GNTST_bad_domain,
             "a grant of nobody's");
    check_is(copy(DOMID_SELF, 1u << 30, GNTCOPY_source_gref, 0, 1),
             GNTST_bad_gntref, "a reference beyond the table");
    check_is(copy(DOMID_SELF, (unsigned)ref, GNTCOPY_source_gref, 0, 1),
             GNTST_general_error, "a grant to DOMID_SELF is to nobody");
}

static void maps(void)
{
    struct gnttab_unmap_grant_ref u = {.handle = 12345};

    check_is(call(GNTTABOP_unmap_grant_ref, &u, 1), 0, "unmap of a handle");
    check_is(u.status, GNTST_bad_handle, "that does not exist");
}

void attack(void)
{
    calls_as_such();
    tables();
    versions();
    swaps();
    copies();
    maps();
    (void)check_done(); /* the test counts what is not ok */
}
