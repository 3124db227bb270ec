/* SPDX-License-Identifier: ISC */
/* Who serves what stays in the process of a PV domain. */

#include "monitor.h"
#include <xen/features.h>

local_op *const local_ops[NR_HYPERCALLS] = {
    [__HYPERVISOR_set_trap_table] = op_set_trap_table,
    [__HYPERVISOR_mmu_update] = op_mmu_update,
    [__HYPERVISOR_set_gdt] = op_set_gdt,
    [__HYPERVISOR_stack_switch] = op_stack_switch,
    [__HYPERVISOR_set_callbacks] = op_set_callbacks,
    [__HYPERVISOR_fpu_taskswitch] = op_fpu_taskswitch,
    [__HYPERVISOR_set_debugreg] = op_set_debugreg,
    [__HYPERVISOR_get_debugreg] = op_get_debugreg,
    [__HYPERVISOR_update_descriptor] = op_update_descriptor,
    [__HYPERVISOR_memory_op] = op_memory,
    [__HYPERVISOR_multicall] = op_multicall,
    [__HYPERVISOR_update_va_mapping] = op_update_va_mapping,
    [__HYPERVISOR_set_timer_op] = op_set_timer,
    [__HYPERVISOR_xen_version] = op_xen_version,
    [__HYPERVISOR_update_va_mapping_otherdomain] =
        op_update_va_mapping_otherdomain,
    [__HYPERVISOR_grant_table_op] = op_grant,
    /* The page has an entry of its own for it. */
    [__HYPERVISOR_iret] = op_not_here,
    [__HYPERVISOR_vm_assist] = op_vm_assist,
    [__HYPERVISOR_vcpu_op] = op_vcpu,
    [__HYPERVISOR_set_segment_base] = op_set_segment_base,
    [__HYPERVISOR_mmuext_op] = op_mmuext_op,
    [__HYPERVISOR_sched_op] = op_sched,
    [__HYPERVISOR_callback_op] = op_callback,
    [__HYPERVISOR_event_channel_op] = op_evtchn,
};

/* What Xen 4.17 says to a 64-bit PV guest, but for vNUMA. */
const uint32_t vcpu_features =
    1u << XENFEAT_mmu_pt_update_preserve_ad | 1u << XENFEAT_highmem_assist |
    1u << XENFEAT_gnttab_map_avail_bits | 1u << XENFEAT_direct_mapped;
