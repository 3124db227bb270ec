/* SPDX-License-Identifier: ISC */
/* What HVM parameters tell; contract in minios/hvm.h. */
#include <minios/hvm.h>

#include <minios/hypercall.h>
#include <minios/memory.h>
#include <xen/errno.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

static int get_param(uint32_t index, uint64_t *value)
{
    struct xen_hvm_param p = {.domid = DOMID_SELF, .index = index};
    int rc = (int)HYPERVISOR_hvm_op(HVMOP_get_param, &p);

    *value = p.value;
    return rc;
}

/* A ring and its port, by two parameters; NULL if there is none. */
static int get_ring(uint32_t pfn_index, uint32_t port_index, uint64_t limit,
                    void **ring, uint32_t *port)
{
    uint64_t pfn = 0, value = 0;
    int rc = get_param(pfn_index, &pfn);

    if (rc == 0)
        rc = get_param(port_index, &value);
    if (rc < 0)
        return rc;
    if (pfn == 0 || value == 0)
        return 0;
    if (pfn >= limit >> PAGE_SHIFT || value > UINT32_MAX)
        return -XEN_EINVAL;
    *ring = (void *)(pfn << PAGE_SHIFT);
    *port = (uint32_t)value;
    return 0;
}

int hvm_find_rings(struct boot_info *boot, uint64_t limit)
{
    void *console = NULL, *store = NULL;
    int rc = get_ring(HVM_PARAM_CONSOLE_PFN, HVM_PARAM_CONSOLE_EVTCHN, limit,
                      &console, &boot->console_port);

    if (rc == 0)
        rc = get_ring(HVM_PARAM_STORE_PFN, HVM_PARAM_STORE_EVTCHN, limit,
                      &store, &boot->store_port);
    boot->console = console;
    boot->store = store;
    return rc;
}
