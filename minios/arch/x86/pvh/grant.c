/* SPDX-License-Identifier: ISC */
/*
 * Frames of the grant table: Xen puts each where a page of ours was, and makes
 * the table as large as that takes. The page is lost, but nobody has touched it.
 */
#include "arch/x86/pvh/pvh.h"

#include <minios/hypercall.h>
#include <minios/memory.h>
#include <xen/errno.h>
#include <xen/memory.h>

int pvh_grant_frame(unsigned index, bool status, void **page)
{
    struct xen_add_to_physmap map = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_grant_table,
        .idx = index | (status ? XENMAPIDX_grant_table_status : 0),
    };
    int rc;

    *page = page_alloc(0);
    if (!*page)
        return -XEN_ENOMEM;
    map.gpfn = (uintptr_t)*page >> X86_PAGE_SHIFT;
    rc = (int)HYPERVISOR_memory_op(XENMEM_add_to_physmap, &map);
    if (rc < 0)
        page_free(*page, 0);
    /* That is how Xen says that the table cannot have this frame. */
    return rc == -XEN_EINVAL ? -XEN_ENOSPC : rc;
}
