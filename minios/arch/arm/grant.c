/* SPDX-License-Identifier: ISC */
/* Frames of the grant table: Xen puts them where the device tree has room for
 * them, which is nobody's memory. */
#include "arch/arm/arm.h"

#include <minios/hypercall.h>
#include <minios/memory.h>
#include <xen/errno.h>
#include <xen/memory.h>

/* Status frames, which only version 2 of the table has, are in the second half. */
int arch_grant_frame(unsigned index, bool status, void **page)
{
    uint64_t half = (arm_dt.grants.size >> PAGE_SHIFT) / 2;
    uint64_t at = index + (status ? half : 0);
    struct xen_add_to_physmap map = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_grant_table,
        .idx = index | (status ? XENMAPIDX_grant_table_status : 0),
        .gpfn = (arm_dt.grants.start >> PAGE_SHIFT) + at,
    };
    int rc;

    if (index >= half || map.gpfn >> (VA_BITS - PAGE_SHIFT) != 0)
        return -XEN_ENOSPC;
    rc = (int)HYPERVISOR_memory_op(XENMEM_add_to_physmap, &map);
    /* That is how Xen says that the table cannot have this frame. */
    if (rc == -XEN_EINVAL)
        return -XEN_ENOSPC;
    *page = (void *)(map.gpfn << PAGE_SHIFT);
    return rc == 0 ? arm_map_shared(*page) : rc;
}
