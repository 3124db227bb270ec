/* SPDX-License-Identifier: ISC */
/* What the files for PV share (xen.h, "start-of-day memory layout"). */
#ifndef X86_PV_PV_H
#define X86_PV_PV_H

#include "arch/x86/x86.h"

/* Hypercalls that only PV has (xen/xen.h, xen/callback.h). */
long HYPERVISOR_set_trap_table(const struct trap_info *table);
long HYPERVISOR_mmu_update(const struct mmu_update *requests, unsigned count,
                           unsigned *done, domid_t domain);
long HYPERVISOR_update_va_mapping(uintptr_t va, uint64_t pte, unsigned flags);
long HYPERVISOR_mmuext_op(const struct mmuext_op *ops, unsigned count,
                          unsigned *done, domid_t domain);
long HYPERVISOR_callback_op(int cmd, const void *arg);

/* Stored by the entry code. */
extern const struct start_info *x86_start_info;

/* Machine frame of pseudo-physical frame (pfn), which must be < nr_pages. */
uint64_t pfn_to_mfn(uint64_t pfn);
/* The other way, for a frame that is ours. */
uint64_t mfn_to_pfn(uint64_t mfn);

/* Where the level-(level) entry for (va) lies (1 = leaf, 4 = top), or NULL when
 * a table above it is missing. */
uint64_t *pt_entry(uintptr_t va, int level);
/* Machine address of an entry, as mmu_update wants it. */
uint64_t pt_entry_machine(const uint64_t *entry);

/* The hooks (struct x86_platform). */
int pv_init_boot(struct boot_info *boot);
int pv_init_memory(struct boot_info *boot);
int pv_init_traps(void);
bool pv_events_disable(void);
void pv_events_enable(void);
void pv_block(void);
int pv_page_unmap(void *page);
int pv_page_map(void *page);
uint64_t pv_page_gfn(const void *page);
int pv_grant_frame(unsigned index, bool status, void **page);

/* Called by the entry code. */
__noreturn void pv_failsafe(void);

#endif /* X86_PV_PV_H */
