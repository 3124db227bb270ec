/* SPDX-License-Identifier: ISC */
/*
 * The hypercall table (portal/hypercalls.h). Sub-operations have a row where
 * they differ from their hypercall's HC_ANY row, and all those that are served
 * have one. Sorted by number, then sub-operation, HC_ANY last: hc_find() and
 * the unit test rely on it.
 */
#include <portal/hypercalls.h>
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sched.h>

/* memory.h shows these to tools only, but any guest can send the numbers. */
#ifndef XENMEM_access_op
#define XENMEM_access_op   21
#define XENMEM_claim_pages 24
#endif

/* Architecture's names for the arch_n numbers (arch-x86). */
#define __HYPERVISOR_mca                __HYPERVISOR_arch_0
#define __HYPERVISOR_paging_domctl_cont __HYPERVISOR_arch_1

/* A whole hypercall, or what is left of it after its sub-operations. */
#define CALL(call, where)                                                      \
    {                                                                          \
        __HYPERVISOR_##call, HC_ANY, #call, where, HC_LOCK_NONE, 0, 0          \
    }
/* A sub-operation that is not forwarded. */
#define OP(call, op, where)                                                    \
    {                                                                          \
        __HYPERVISOR_##call, op, #op, where, HC_LOCK_NONE, 0, 0                \
    }
/* A forwarded sub-operation with an argument structure. */
#define FWD(call, op, lock, dir, type)                                         \
    {                                                                          \
        __HYPERVISOR_##call, op, #op, HC_FORWARD, lock, dir, sizeof(type)      \
    }
/* A forwarded sub-operation that marshals its own way. */
#define FWD_OWN(call, op, lock)                                                \
    {                                                                          \
        __HYPERVISOR_##call, op, #op, HC_FORWARD, lock, 0, 0                   \
    }

const struct hc_row hc_table[] = {
    CALL(set_trap_table, HC_LOCAL),
    CALL(mmu_update, HC_LOCAL),
    CALL(set_gdt, HC_LOCAL),
    CALL(stack_switch, HC_LOCAL),
    CALL(set_callbacks, HC_LOCAL),
    CALL(fpu_taskswitch, HC_LOCAL),
    CALL(sched_op_compat, HC_ENOSYS),
    CALL(platform_op, HC_EPERM),
    CALL(set_debugreg, HC_LOCAL),
    CALL(get_debugreg, HC_LOCAL),
    CALL(update_descriptor, HC_LOCAL),
    /* 11 has no name in xen.h: unknown. */

    FWD_OWN(memory_op, XENMEM_increase_reservation, HC_LOCK_SELF),
    FWD_OWN(memory_op, XENMEM_decrease_reservation, HC_LOCK_SELF),
    FWD_OWN(memory_op, XENMEM_maximum_ram_page, HC_LOCK_SELF),
    FWD(memory_op, XENMEM_current_reservation, HC_LOCK_SELF, HC_IN,
        struct xen_memory_domain),
    FWD(memory_op, XENMEM_maximum_reservation, HC_LOCK_SELF, HC_IN,
        struct xen_memory_domain),
    FWD_OWN(memory_op, XENMEM_populate_physmap, HC_LOCK_SELF),
    OP(memory_op, XENMEM_memory_map, HC_LOCAL),
    OP(memory_op, XENMEM_machine_memory_map, HC_EPERM),
    OP(memory_op, XENMEM_machphys_mapping, HC_LOCAL),
    OP(memory_op, XENMEM_set_pod_target, HC_EPERM),
    OP(memory_op, XENMEM_get_pod_target, HC_EPERM),
    OP(memory_op, XENMEM_access_op, HC_EPERM),
    OP(memory_op, XENMEM_claim_pages, HC_EPERM),
    OP(memory_op, XENMEM_acquire_resource, HC_EPERM),
    CALL(memory_op, HC_ENOSYS),

    CALL(multicall, HC_LOCAL),
    CALL(update_va_mapping, HC_LOCAL),
    CALL(set_timer_op, HC_LOCAL),
    CALL(event_channel_op_compat, HC_ENOSYS),
    CALL(xen_version, HC_LOCAL),

    FWD_OWN(console_io, CONSOLEIO_write, HC_LOCK_NONE),
    CALL(console_io, HC_EPERM),

    CALL(physdev_op_compat, HC_ENOSYS),
    FWD_OWN(grant_table_op, GNTTABOP_map_grant_ref, HC_LOCK_PEER),
    FWD_OWN(grant_table_op, GNTTABOP_unmap_grant_ref, HC_LOCK_PEER),
    FWD(grant_table_op, GNTTABOP_setup_table, HC_LOCK_SELF, HC_IN | HC_OUT,
        struct gnttab_setup_table),
    FWD_OWN(grant_table_op, GNTTABOP_transfer, HC_LOCK_NONE),
    /* Between two others, and a transitive grant's owner. */
    FWD_OWN(grant_table_op, GNTTABOP_copy, HC_LOCK_GLOBAL),
    FWD(grant_table_op, GNTTABOP_query_size, HC_LOCK_SELF, HC_IN | HC_OUT,
        struct gnttab_query_size),
    FWD_OWN(grant_table_op, GNTTABOP_unmap_and_replace, HC_LOCK_PEER),
    FWD(grant_table_op, GNTTABOP_set_version, HC_LOCK_SELF, HC_IN | HC_OUT,
        struct gnttab_set_version),
    FWD(grant_table_op, GNTTABOP_get_status_frames, HC_LOCK_SELF,
        HC_IN | HC_OUT, struct gnttab_get_status_frames),
    FWD(grant_table_op, GNTTABOP_get_version, HC_LOCK_SELF, HC_IN | HC_OUT,
        struct gnttab_get_version),
    FWD_OWN(grant_table_op, GNTTABOP_swap_grant_ref, HC_LOCK_SELF),
    FWD_OWN(grant_table_op, GNTTABOP_cache_flush, HC_LOCK_SELF),
    CALL(grant_table_op, HC_ENOSYS),

    CALL(vm_assist, HC_LOCAL),
    CALL(update_va_mapping_otherdomain, HC_LOCAL),
    CALL(iret, HC_LOCAL),
    CALL(vcpu_op, HC_LOCAL),
    CALL(set_segment_base, HC_LOCAL),
    CALL(mmuext_op, HC_LOCAL),
    CALL(xsm_op, HC_ENOSYS),
    CALL(nmi_op, HC_ENOSYS),

    OP(sched_op, SCHEDOP_yield, HC_LOCAL),
    OP(sched_op, SCHEDOP_block, HC_LOCAL),
    FWD_OWN(sched_op, SCHEDOP_shutdown, HC_LOCK_SELF),
    OP(sched_op, SCHEDOP_poll, HC_LOCAL),
    OP(sched_op, SCHEDOP_remote_shutdown, HC_EPERM),
    FWD(sched_op, SCHEDOP_shutdown_code, HC_LOCK_SELF, HC_IN,
        struct sched_shutdown),
    OP(sched_op, SCHEDOP_pin_override, HC_EPERM),
    CALL(sched_op, HC_ENOSYS),

    CALL(callback_op, HC_LOCAL),
    CALL(xenoprof_op, HC_ENOSYS),

    FWD(event_channel_op, EVTCHNOP_bind_interdomain, HC_LOCK_PEER,
        HC_IN | HC_OUT, struct evtchn_bind_interdomain),
    FWD(event_channel_op, EVTCHNOP_bind_virq, HC_LOCK_SELF, HC_IN | HC_OUT,
        struct evtchn_bind_virq),
    FWD(event_channel_op, EVTCHNOP_close, HC_LOCK_PEER, HC_IN,
        struct evtchn_close),
    FWD(event_channel_op, EVTCHNOP_send, HC_LOCK_PEER, HC_IN,
        struct evtchn_send),
    FWD(event_channel_op, EVTCHNOP_status, HC_LOCK_SELF, HC_IN | HC_OUT,
        struct evtchn_status),
    FWD(event_channel_op, EVTCHNOP_alloc_unbound, HC_LOCK_SELF, HC_IN | HC_OUT,
        struct evtchn_alloc_unbound),
    FWD(event_channel_op, EVTCHNOP_bind_ipi, HC_LOCK_SELF, HC_IN | HC_OUT,
        struct evtchn_bind_ipi),
    FWD(event_channel_op, EVTCHNOP_bind_vcpu, HC_LOCK_SELF, HC_IN,
        struct evtchn_bind_vcpu),
    /* The monitor sends it on with the FIFO ABI only. */
    FWD(event_channel_op, EVTCHNOP_unmask, HC_LOCK_SELF, HC_IN,
        struct evtchn_unmask),
    /* Closes every port: whoever may be at their other ends. */
    FWD(event_channel_op, EVTCHNOP_reset, HC_LOCK_GLOBAL, HC_IN,
        struct evtchn_reset),
    FWD(event_channel_op, EVTCHNOP_init_control, HC_LOCK_SELF, HC_IN | HC_OUT,
        struct evtchn_init_control),
    FWD(event_channel_op, EVTCHNOP_expand_array, HC_LOCK_SELF, HC_IN,
        struct evtchn_expand_array),
    FWD(event_channel_op, EVTCHNOP_set_priority, HC_LOCK_SELF, HC_IN,
        struct evtchn_set_priority),
    CALL(event_channel_op, HC_ENOSYS),

    /* What a guest may ask about its own virtual interrupts is missing; the
     * rest drives hardware. */
    OP(physdev_op, PHYSDEVOP_irq_status_query, HC_ENOSYS),
    OP(physdev_op, PHYSDEVOP_set_iopl, HC_ENOSYS),
    OP(physdev_op, PHYSDEVOP_set_iobitmap, HC_ENOSYS),
    OP(physdev_op, PHYSDEVOP_eoi, HC_ENOSYS),
    OP(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v1, HC_ENOSYS),
    OP(physdev_op, PHYSDEVOP_get_free_pirq, HC_ENOSYS),
    OP(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v2, HC_ENOSYS),
    CALL(physdev_op, HC_EPERM),

    CALL(hvm_op, HC_ENOSYS),
    CALL(sysctl, HC_EPERM),
    CALL(domctl, HC_EPERM),
    CALL(kexec_op, HC_ENOSYS),
    CALL(tmem_op, HC_ENOSYS),
    CALL(argo_op, HC_ENOSYS),
    CALL(xenpmu_op, HC_ENOSYS),
    CALL(dm_op, HC_ENOSYS),
    CALL(hypfs_op, HC_ENOSYS),

    CALL(mca, HC_EPERM),
    CALL(paging_domctl_cont, HC_ENOSYS),
    CALL(arch_2, HC_ENOSYS),
    CALL(arch_3, HC_ENOSYS),
    CALL(arch_4, HC_ENOSYS),
    CALL(arch_5, HC_ENOSYS),
    CALL(arch_6, HC_ENOSYS),
    CALL(arch_7, HC_ENOSYS),
};
const size_t hc_table_rows = sizeof(hc_table) / sizeof(hc_table[0]);

const struct hc_row *hc_find(uint32_t nr, uint32_t op)
{
    const struct hc_row *end = hc_table + hc_table_rows, *row;

    for (row = hc_table; row < end && row->nr <= nr; row++)
        if (row->nr == nr && (row->op == op || row->op == HC_ANY))
            return row;
    return NULL;
}
