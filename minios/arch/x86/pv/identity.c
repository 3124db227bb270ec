/* SPDX-License-Identifier: ISC */
/*
 * Takes over the identity map: all RAM from 1 MiB up, each page with the rights
 * its contents need.
 *
 * Midge's builder has it right from the start. Then looking at a few entries
 * tells (the image's, the first free page's, the last page's: what a builder
 * maps is one run, xen.h "start-of-day memory layout" 1 and 5) and nothing is
 * called. Xen's builder maps a few MiB, everything writable and executable;
 * then every page is gone through, and tables are added.
 */
#include "arch/x86/layout.h"
#include "arch/x86/pv/pv.h"

#include <base/string.h>
#include <xen/errno.h>

/* Linker script. */
extern const char _text_start[], _stack_end[];

#define PFN(address)   ((uint64_t)(uintptr_t)(address) >> X86_PAGE_SHIFT)
#define LEAF_FLAGS     (PTE_PRESENT | PTE_USER | PTE_ACCESSED)
#define TABLE_FLAGS    (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED)
#define COMPARED_FLAGS (PTE_PRESENT | PTE_WRITE | PTE_NX)

/* Updates are sent this many at a time. */
#define BATCH 32
static struct mmu_update batch[BATCH];
static unsigned batch_used;

/* Page tables stay as they are: Xen lets nobody write to them. */
static bool is_boot_table(uint64_t pfn)
{
    uint64_t first = PFN(x86_start_info->pt_base);

    return pfn >= first && pfn < first + x86_start_info->nr_pt_frames;
}

/* The leaf that page (pfn) should have; 0: none. (nx) is PTE_NX or 0. */
static uint64_t wanted_leaf(uint64_t pfn, uint64_t nx)
{
    uint64_t rights;

    if (pfn == PFN(SHARED_INFO_VA))
        return x86_start_info->shared_info | LEAF_FLAGS | PTE_WRITE | nx;
    rights = x86_page_rights(pfn << X86_PAGE_SHIFT, nx);
    if (rights == 0)
        return 0;
    return (pfn_to_mfn(pfn) << X86_PAGE_SHIFT) | LEAF_FLAGS | rights;
}

static bool is_right(const uint64_t *leaf, uint64_t wanted)
{
    uint64_t compared = COMPARED_FLAGS | PTE_ADDRESS;

    if ((wanted & PTE_PRESENT) == 0)
        return !leaf || (*leaf & PTE_PRESENT) == 0;
    return leaf && (*leaf & compared) == (wanted & compared);
}

static bool page_is_right(uint64_t pfn)
{
    uintptr_t va = pfn << X86_PAGE_SHIFT;

    return is_right(pt_entry(va, 1), wanted_leaf(pfn, PTE_NX));
}

/* Whether the builder has left nothing to do. */
static bool map_is_right(const struct boot_info *boot)
{
    uint64_t pfn;

    for (pfn = PFN(_text_start); pfn < PFN(_stack_end); pfn++) {
        if (!page_is_right(pfn))
            return false;
    }
    return page_is_right(0) && page_is_right(PFN(boot->free_start)) &&
           page_is_right(PFN(boot->free_end) - 1);
}

static int send_batch(void)
{
    unsigned done, n = batch_used;

    batch_used = 0;
    if (n == 0)
        return 0;
    return (int)HYPERVISOR_mmu_update(batch, n, &done, DOMID_SELF);
}

static int set_entry(const uint64_t *entry, uint64_t value)
{
    batch[batch_used].ptr = pt_entry_machine(entry) | MMU_NORMAL_PT_UPDATE;
    batch[batch_used].val = value;
    batch_used++;
    return batch_used == BATCH ? send_batch() : 0;
}

/*
 * Makes a table of level (level - 1) out of the first free page and hooks it
 * into (entry), of level (level). A table of leaves is filled for the pages
 * from (pfn) on. Xen takes a page as a table only when nobody can write to it,
 * so its own mapping becomes read-only in between.
 */
static int add_table(struct boot_info *boot, const uint64_t *entry, int level,
                     uint64_t pfn)
{
    uintptr_t va = boot->free_start;
    uint64_t mfn = pfn_to_mfn(PFN(va)), nx = pt_nx(), end, i;
    uint64_t *table = (uint64_t *)va;
    const uint64_t *own = pt_entry(va, 1);
    int rc;

    /* The builder leaves 512 KiB behind the boot stack (xen.h, start-of-day 7),
     * and every table of leaves adds 2 MiB: only a broken one gets here. */
    if (!own || (*own & PTE_PRESENT) == 0)
        return -XEN_ENOMEM;
    boot->free_start += X86_PAGE_SIZE;
    memset(table, 0, X86_PAGE_SIZE);
    end = level == 2 ? x86_start_info->nr_pages : 0;
    for (i = 0; i < PTES_PER_TABLE && pfn + i < end; i++)
        table[i] = wanted_leaf(pfn + i, nx);

    rc = (int)HYPERVISOR_update_va_mapping(
        va, (mfn << X86_PAGE_SHIFT) | LEAF_FLAGS | nx, UVMF_INVLPG);
    if (rc == 0)
        rc = set_entry(entry, (mfn << X86_PAGE_SHIFT) | TABLE_FLAGS);
    /* The next step walks through it. */
    return rc == 0 ? send_batch() : rc;
}

static int fix_page(struct boot_info *boot, uint64_t pfn)
{
    uintptr_t va = pfn << X86_PAGE_SHIFT;
    uint64_t wanted = wanted_leaf(pfn, pt_nx());
    const uint64_t *leaf;
    int level, rc;

    for (level = 4; level > 1; level--) {
        const uint64_t *entry = pt_entry(va, level);
        uint64_t first = pfn & ~(uint64_t)(PTES_PER_TABLE - 1);

        if ((*entry & PTE_PRESENT) != 0)
            continue;
        rc = add_table(boot, entry, level, first);
        if (rc < 0)
            return rc;
    }
    leaf = pt_entry(va, 1);
    return is_right(leaf, wanted) ? 0 : set_entry(leaf, wanted);
}

int pv_init_memory(struct boot_info *boot)
{
    struct mmuext_op flush = {.cmd = MMUEXT_TLB_FLUSH_LOCAL};
    uint64_t pfn, end = PFN(boot->free_end);
    unsigned done;
    int rc = 0;

    if (map_is_right(boot))
        return 0;
    for (pfn = 0; pfn < end && rc == 0; pfn++) {
        if (!is_boot_table(pfn))
            rc = fix_page(boot, pfn);
    }
    if (rc == 0)
        rc = send_batch();
    if (rc == 0)
        rc = (int)HYPERVISOR_mmuext_op(&flush, 1, &done, DOMID_SELF);
    return rc;
}

int pv_page_unmap(void *page)
{
    return (int)HYPERVISOR_update_va_mapping((uintptr_t)page, 0, UVMF_INVLPG);
}

int pv_page_map(void *page)
{
    return (int)HYPERVISOR_update_va_mapping(
        (uintptr_t)page, wanted_leaf(PFN(page), pt_nx()), UVMF_INVLPG);
}
