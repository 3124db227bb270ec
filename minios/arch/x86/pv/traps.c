/* SPDX-License-Identifier: ISC */
/* Registering with Xen where exceptions and events enter. */
#include "arch/x86/pv/pv.h"

#include <minios/panic.h>
#include <xen/callback.h>

/* entry.S */
extern const struct trap_entry pv_trap_entries[];
extern const char x86_upcall_entry[], pv_failsafe_entry[];

/* SDM 3A 6.15 */
#define VECTOR_BREAKPOINT 3
#define VECTOR_OVERFLOW   4

static int register_callback(uint16_t type, const char *entry)
{
    const struct callback_register r = {
        .type = type,
        .flags = CALLBACKF_mask_events,
        .address = (uintptr_t)entry,
    };

    return (int)HYPERVISOR_callback_op(CALLBACKOP_register, &r);
}

int pv_init_traps(void)
{
    struct trap_info table[NR_EXCEPTIONS] = {0};
    unsigned i;
    long rc;

    for (i = 0; pv_trap_entries[i].entry != 0; i++) {
        struct trap_info *t = &table[i];

        t->vector = (uint8_t)pv_trap_entries[i].vector;
        t->cs = FLAT_KERNEL_CS;
        t->address = pv_trap_entries[i].entry;
        TI_SET_IF(t, 1); /* events stay off in the handler */
        /* These are raised by an instruction, which runs in ring 3 here. */
        if (t->vector == VECTOR_BREAKPOINT || t->vector == VECTOR_OVERFLOW)
            TI_SET_DPL(t, 3);
    }
    rc = HYPERVISOR_set_trap_table(table);
    if (rc == 0)
        rc = register_callback(CALLBACKTYPE_event, x86_upcall_entry);
    if (rc == 0)
        rc = register_callback(CALLBACKTYPE_failsafe, pv_failsafe_entry);
    return (int)rc;
}

void pv_failsafe(void)
{
    panic("failsafe callback: the hypervisor could not return to this domain");
}

static uint64_t fault_address(void)
{
    return arch_shared_info->vcpu_info[0].arch.cr2;
}

const struct x86_platform x86_pv = {
    .init_boot = pv_init_boot,
    .init_traps = pv_init_traps,
    .init_memory = pv_init_memory,
    .events_disable = pv_events_disable,
    .events_enable = pv_events_enable,
    .block = pv_block,
    .page_unmap = pv_page_unmap,
    .page_map = pv_page_map,
    .page_gfn = pv_page_gfn,
    .grant_frame = pv_grant_frame,
    .fault_address = fault_address,
};
