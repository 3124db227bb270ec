/* SPDX-License-Identifier: ISC */
/*
 * Page tables: how they look (Arm ARM D8.3), and what is mapped besides image
 * and memory. Leaves are pages throughout: a larger one that is in use could be
 * split only with care that is not worth it (Arm ARM D8.14, break-before-make).
 */
#include "arch/arm/arm.h"
#include "paging.h"

#include <minios/memory.h>
#include <xen/errno.h>

#define PTE_PXN     ((uint64_t)1 << 53)
#define PTE_UXN     ((uint64_t)1 << 54)
#define PTE_ADDRESS ((uint64_t)0x0000fffffffff000)

static uint64_t leaf(uint64_t address, enum page_kind kind, bool large)
{
    uint64_t entry =
        address | DESC_VALID | DESC_TABLE | DESC_ACCESSED | DESC_NG | PTE_UXN;

    (void)large;
    if (kind == PAGE_TEXT || kind == PAGE_RODATA)
        entry |= DESC_READONLY;
    if (kind != PAGE_TEXT)
        entry |= PTE_PXN;
    return entry | (kind == PAGE_DEVICE ? DESC_ATTR(MAIR_DEVICE)
                                        : DESC_ATTR(MAIR_NORMAL) | DESC_INNER);
}

static uint64_t table(uint64_t address)
{
    return address | DESC_VALID | DESC_TABLE;
}

static bool is_present(uint64_t entry)
{
    return (entry & DESC_VALID) != 0;
}

static uint64_t address_of(uint64_t entry)
{
    return entry & PTE_ADDRESS;
}

static const struct paging_format arm_format = {
    .levels = 3,
    .leaf = leaf,
    .table = table,
    .is_present = is_present,
    .address = address_of,
    .boot_page = arm_boot_page,
};

/* What the CPU may have cached of (va). */
static void forget(uintptr_t va)
{
    __asm__ volatile("dsb ishst\n\t"
                     "tlbi vaae1is, %0\n\t"
                     "dsb ish\n\t"
                     "isb"
                     :
                     : "r"(va >> PAGE_SHIFT)
                     : "memory");
}

static int set_page(uintptr_t va, enum page_kind kind)
{
    bool enabled = arch_events_disable();
    int rc = paging_map(va, kind);

    forget(va);
    if (enabled)
        arch_events_enable();
    return rc;
}

int arm_map_shared(const void *page)
{
    return page ? set_page((uintptr_t)page, PAGE_DATA) : 0;
}

int arm_map_device(const struct dt_region *registers)
{
    uint64_t va = registers->start & PAGE_MASK;
    uint64_t end = registers->start + registers->size;
    int rc = 0;

    if (end > (uint64_t)1 << VA_BITS)
        return -XEN_EINVAL;
    for (; va < end && rc == 0; va += PAGE_SIZE)
        rc = set_page(va, PAGE_DEVICE);
    return rc;
}

static void install(const uint64_t *top)
{
    WRITE_SYSREG("ttbr0_el1",
                 (uintptr_t)top | (uint64_t)ASID_OURS << ASID_SHIFT);
    __asm__ volatile("isb\n\t"
                     "tlbi vmalle1\n\t"
                     "dsb ish\n\t"
                     "isb"
                     :
                     :
                     : "memory");
}

int arch_init_memory(struct boot_info *boot)
{
    uint64_t *top;
    int rc;

    /* Its addresses are what our tables can express. */
    boot->free_end = MIN(boot->free_end, (uint64_t)1 << VA_BITS);
    rc = paging_init(&arm_format, boot, &top);
    if (rc == 0)
        rc = arm_map_shared(boot->console);
    if (rc == 0)
        rc = arm_map_shared(boot->store);
    if (rc == 0) {
        arm_dsb();
        install(top);
        rc = gic_init(&arm_dt);
    }
    if (rc == 0)
        gic_enable(arm_dt.event_interrupt);
    paging_started();
    return rc;
}

int arch_page_unmap(void *page)
{
    return set_page((uintptr_t)page, PAGE_NONE);
}

int arch_page_map(void *page)
{
    return set_page((uintptr_t)page, page_kind_of((uintptr_t)page));
}

uint64_t arch_page_gfn(const void *page)
{
    return (uintptr_t)page >> PAGE_SHIFT;
}
