/* SPDX-License-Identifier: ISC */
/* memory_op: what the builder fixed is answered here. */

#include "monitor.h"
#include <xen/memory.h>

struct e820_entry {
    uint64_t addr, size;
    uint32_t type;
} __attribute__((packed));

static int64_t memory_map(uint64_t arg_va)
{
    struct e820_entry e = {
        .size = (uint64_t)vcpu.boot.max_pages << 12, .type = 1, /* RAM */
    };
    struct xen_memory_map m;

    if (copy_from_guest(&m, arg_va, sizeof m))
        return -XEN_EFAULT;
    if (m.nr_entries < 1)
        return -XEN_EINVAL;
    m.nr_entries = 1;
    if (copy_to_guest((uint64_t)(uintptr_t)m.buffer.p, &e, sizeof e) ||
        copy_to_guest(arg_va, &m, sizeof m))
        return -XEN_EFAULT;
    return 0;
}

static int64_t machphys_mapping(uint64_t arg_va)
{
    struct xen_machphys_mapping m = {
        .v_start = MACH2PHYS_VIRT_START,
        .v_end = MACH2PHYS_VIRT_END,
        .max_mfn = MACH2PHYS_NR_ENTRIES - 1,
    };

    return copy_to_guest(arg_va, &m, sizeof m) ? -XEN_EFAULT : 0;
}

int64_t op_memory(struct guest_regs *r)
{
    uint32_t cmd = (uint32_t)r->rdi & MEMOP_CMD_MASK;

    switch (cmd) {
    case XENMEM_memory_map:
        return memory_map(r->rsi);
    case XENMEM_machphys_mapping:
        return machphys_mapping(r->rsi);
    default:
        return forward_row(r, __HYPERVISOR_memory_op, cmd);
    }
}
