/* SPDX-License-Identifier: ISC */
/*
 * Reading the page tables. They hold machine frames; the tables themselves are
 * reached through the identity map by way of their pseudo-physical frames.
 */
#include "arch/x86/pv/pv.h"

uint64_t pfn_to_mfn(uint64_t pfn)
{
    return ((const xen_pfn_t *)x86_start_info->mfn_list)[pfn];
}

uint64_t pv_page_gfn(const void *page)
{
    return pfn_to_mfn((uintptr_t)page >> X86_PAGE_SHIFT);
}

uint64_t mfn_to_pfn(uint64_t mfn)
{
    /* Where both are the same, as under Midge, this spares the M2P table. */
    if (mfn < x86_start_info->nr_pages && pfn_to_mfn(mfn) == mfn)
        return mfn;
    return machine_to_phys_mapping[mfn];
}

uint64_t *pt_entry(uintptr_t va, int level)
{
    uint64_t *table = (uint64_t *)x86_start_info->pt_base;
    int l;

    for (l = 4;; l--) {
        unsigned shift = X86_PAGE_SHIFT + 9 * (unsigned)(l - 1);
        uint64_t *entry = &table[(va >> shift) % PTES_PER_TABLE];
        uint64_t pfn;

        if (l == level)
            return entry;
        if ((*entry & PTE_PRESENT) == 0)
            return NULL;
        pfn = mfn_to_pfn((*entry & PTE_ADDRESS) >> X86_PAGE_SHIFT);
        table = (uint64_t *)(pfn << X86_PAGE_SHIFT);
    }
}

uint64_t pt_entry_machine(const uint64_t *entry)
{
    uintptr_t va = (uintptr_t)entry;

    return (pfn_to_mfn(va >> X86_PAGE_SHIFT) << X86_PAGE_SHIFT) |
           (va & (X86_PAGE_SIZE - 1));
}
