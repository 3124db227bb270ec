/* SPDX-License-Identifier: ISC */
/*
 * Frames of the grant table, mapped. Xen has them, outside of our memory; each
 * is mapped where a page of ours was, which is the one kind of address that has
 * page tables. That page is lost, but nobody has touched it.
 */
#include "arch/x86/pv/pv.h"

#include <minios/hypercall.h>
#include <minios/memory.h>
#include <xen/errno.h>
#include <xen/grant_table.h>

/* Machine frames [0, n) of the table, which becomes that large. */
static int table_frames(unsigned n, xen_pfn_t *mfns)
{
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = n};
    int rc;

    set_xen_guest_handle(setup.frame_list, mfns);
    rc = (int)HYPERVISOR_grant_table_op(GNTTABOP_setup_table, &setup, 1);
    if (rc == 0 && setup.status != GNTST_okay)
        rc = -XEN_ENOSPC;
    return rc;
}

static int status_frames(unsigned n, uint64_t *mfns)
{
    struct gnttab_get_status_frames get = {.dom = DOMID_SELF, .nr_frames = n};
    int rc;

    set_xen_guest_handle(get.frame_list, mfns);
    rc = (int)HYPERVISOR_grant_table_op(GNTTABOP_get_status_frames, &get, 1);
    if (rc == 0 && get.status != GNTST_okay)
        rc = -XEN_ENOSPC;
    return rc;
}

int pv_grant_frame(unsigned index, bool status, void **page)
{
    uint64_t flags = PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED;
    uint64_t *mfns;
    int rc;

    mfns = kmalloc((index + 1) * sizeof(*mfns));
    *page = page_alloc(0);
    rc = -XEN_ENOMEM;
    if (!mfns || !*page)
        goto out;
    rc =
        status ? status_frames(index + 1, mfns) : table_frames(index + 1, mfns);
    if (rc == 0)
        rc = (int)HYPERVISOR_update_va_mapping(
            (uintptr_t)*page, (mfns[index] << X86_PAGE_SHIFT) | flags | pt_nx(),
            UVMF_INVLPG);
out:
    if (rc < 0 && *page)
        page_free(*page, 0);
    kfree(mfns);
    return rc;
}
