/* SPDX-License-Identifier: ISC */
/* What the files for PVH share. */
#ifndef X86_PVH_PVH_H
#define X86_PVH_PVH_H

#include "arch/x86/x86.h"

/* Stored by the entry code: where struct hvm_start_info is. */
extern uint64_t pvh_start_info;

/* The vector by which Xen tells of events. */
#define PVH_UPCALL_VECTOR 32

/*
 * A zeroed page off the low end of (boot)'s free memory, NULL when there is
 * none. Start-up only, and in the lowest 4 GiB, which is mapped by then.
 */
void *pvh_boot_page(struct boot_info *boot);

/* Called by the entry code. */
void pvh_upcall(struct trap_frame *frame);

/* The hooks (struct x86_platform). */
int pvh_init_boot(struct boot_info *boot);
int pvh_init_traps(void);
int pvh_init_memory(struct boot_info *boot);
bool pvh_events_disable(void);
void pvh_events_enable(void);
void pvh_block(void);
int pvh_page_unmap(void *page);
int pvh_page_map(void *page);
int pvh_grant_frame(unsigned index, bool status, void **page);

#endif /* X86_PVH_PVH_H */
