/* SPDX-License-Identifier: ISC */
/* From start_info to boot_info; finds shared_info. */
#include "arch/x86/layout.h"
#include "arch/x86/pv/pv.h"

#include <base/string.h>
#include <minios/boot.h>
#include <xen/errno.h>

const struct start_info *x86_start_info;

/* The page of machine frame (mfn), one of the pages Xen's builder puts right
 * behind start_info; looked up like any other frame if it is not. */
static void *boot_page(uint64_t mfn)
{
    uint64_t pfn = (uintptr_t)x86_start_info >> X86_PAGE_SHIFT;
    uint64_t i;

    for (i = 1; i <= 2; i++) {
        if (pfn + i < x86_start_info->nr_pages && pfn_to_mfn(pfn + i) == mfn)
            return (void *)((pfn + i) << X86_PAGE_SHIFT);
    }
    return (void *)(mfn_to_pfn(mfn) << X86_PAGE_SHIFT);
}

static int map_shared_info(void)
{
    uint64_t machine = x86_start_info->shared_info & PTE_ADDRESS;
    uint64_t flags = PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED;
    const uint64_t *leaf = pt_entry(SHARED_INFO_VA, 1);
    int rc = 0;

    /* Midge's builder has done it; Xen's maps RAM there. */
    if (!leaf || (*leaf & PTE_PRESENT) == 0 || (*leaf & PTE_ADDRESS) != machine)
        rc = (int)HYPERVISOR_update_va_mapping(
            SHARED_INFO_VA, machine | flags | pt_nx(), UVMF_INVLPG);
    if (rc == 0)
        arch_shared_info = (struct shared_info *)SHARED_INFO_VA;
    return rc;
}

int pv_init_boot(struct boot_info *boot)
{
    const struct start_info *si = x86_start_info;
    const char *line = (const char *)si->cmd_line;

    if (strnlen(line, MAX_GUEST_CMDLINE) == MAX_GUEST_CMDLINE)
        return -XEN_EINVAL;
    boot->command_line = line;
    /* The boot stack's page, the last one in use, is free by now. */
    boot->free_start = si->pt_base + (si->nr_pt_frames << X86_PAGE_SHIFT);
    boot->free_end = si->nr_pages << X86_PAGE_SHIFT;
    if (si->console.domU.mfn) {
        boot->console = boot_page(si->console.domU.mfn);
        boot->console_port = si->console.domU.evtchn;
    }
    if (si->store_mfn) {
        boot->store = boot_page(si->store_mfn);
        boot->store_port = si->store_evtchn;
    }
    return map_shared_info();
}
