/* SPDX-License-Identifier: ISC */
/* Hypercall dispatch: local ones by a table indexed by number, the rest by
 * what hc_table says about them. */

#include <vcpu/vcpu.h>
#include <vcpu/sys.h>
#include <portal/hypercalls.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>

static const struct own_row {
    uint32_t nr, op;
    local_op *fn;
} own_rows[] = {
    {__HYPERVISOR_memory_op, XENMEM_increase_reservation, own_reservation},
    {__HYPERVISOR_memory_op, XENMEM_decrease_reservation, own_reservation},
    {__HYPERVISOR_memory_op, XENMEM_populate_physmap, own_reservation},
    {__HYPERVISOR_memory_op, XENMEM_maximum_ram_page, own_max_ram_page},
    {__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, own_grant_array},
    {__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, own_grant_array},
    {__HYPERVISOR_grant_table_op, GNTTABOP_transfer, own_grant_array},
    {__HYPERVISOR_grant_table_op, GNTTABOP_copy, own_grant_array},
    {__HYPERVISOR_grant_table_op, GNTTABOP_unmap_and_replace, own_grant_array},
    {__HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, own_grant_array},
    {__HYPERVISOR_grant_table_op, GNTTABOP_cache_flush, own_grant_array},
    {__HYPERVISOR_console_io, CONSOLEIO_write, own_console_write},
    {__HYPERVISOR_sched_op, SCHEDOP_shutdown, own_shutdown},
};

static local_op *local_op_of(uint32_t nr)
{
    return nr < NR_HYPERCALLS ? local_ops[nr] : NULL;
}

static local_op *own_op(const struct hc_row *row)
{
    for (size_t i = 0; i < ARRAY_SIZE(own_rows); i++)
        if (own_rows[i].nr == row->nr && own_rows[i].op == row->op)
            return own_rows[i].fn;
    return NULL;
}

bool hypercall_table_complete(void)
{
    for (size_t i = 0; i < hc_table_rows; i++) {
        const struct hc_row *row = &hc_table[i];

        if (row->where == HC_LOCAL && !local_op_of(row->nr))
            return false;
        if (row->where == HC_FORWARD && !row->arg_size && !own_op(row))
            return false;
    }
    return true;
}

int64_t forward_row(struct guest_regs *r, uint32_t nr, uint32_t op)
{
    const struct hc_row *row = hc_find(nr, op);
    local_op *own;

    if (!row)
        return -XEN_ENOSYS;
    switch (row->where) {
    case HC_EPERM:
        return -XEN_EPERM;
    case HC_FORWARD:
        if (row->arg_size)
            return forward_op(nr, op, r->rsi, row->arg_size, row->dir);
        own = own_op(row);
        return own ? own(r) : -XEN_ENOSYS;
    default:
        return -XEN_ENOSYS;
    }
}

int64_t hypercall_dispatch(struct guest_regs *r, uint32_t nr)
{
    local_op *op = local_op_of(nr);

    return op ? op(r) : forward_row(r, nr, (uint32_t)r->rdi);
}

int64_t op_not_here(struct guest_regs *r)
{
    (void)r;
    return -XEN_ENOSYS;
}

int64_t do_hypercall(struct guest_regs *r, uint32_t nr)
{
    PORTAL->n_hypercalls++;
    PORTAL->call_regs.rbp = r->rbp;
    PORTAL->call_regs.rsp = v_guest_rsp;
    return hypercall_dispatch(r, nr);
}

/*
 * Entry by entry, each result written back at once. A multicall inside a
 * multicall and an iret are refused (XSA-213).
 */
int64_t op_multicall(struct guest_regs *r)
{
    uint32_t n = (uint32_t)r->rsi;

    for (uint32_t i = 0; i < n; i++) {
        uint64_t va = r->rdi + (uint64_t)i * sizeof(multicall_entry_t);
        multicall_entry_t m;
        struct guest_regs args;
        int64_t result;

        if (copy_from_guest(&m, va, sizeof m))
            return -XEN_EFAULT;
        args = (struct guest_regs){
            .rdi = m.args[0],
            .rsi = m.args[1],
            .rdx = m.args[2],
            .r10 = m.args[3],
            .r8 = m.args[4],
            .r9 = m.args[5],
        };
        if (m.op == __HYPERVISOR_multicall)
            result = -XEN_EINVAL;
        else if (m.op == __HYPERVISOR_iret || m.op > UINT32_MAX)
            result = -XEN_ENOSYS;
        else
            result = hypercall_dispatch(&args, (uint32_t)m.op);
        if (copy_to_guest(va + offsetof(multicall_entry_t, result), &result,
                          sizeof result))
            return -XEN_EFAULT;
    }
    return 0;
}
