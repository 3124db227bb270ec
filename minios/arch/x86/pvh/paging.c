/* SPDX-License-Identifier: ISC */
/* Our own page tables: how they look on x86 (SDM 3A 4.5), and what is mapped
 * besides image and memory: the pages shared with Xen and the toolstack. */
#include "arch/x86/pvh/pvh.h"
#include "paging.h"

#include <minios/arch.h>
#include <minios/boot.h>

#define PTE_LARGE   ((uint64_t)1 << 7)
#define TABLE_FLAGS (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED)
#define LEAF_FLAGS  (PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY)

static uint64_t leaf(uint64_t address, enum page_kind kind, bool large)
{
    return address | LEAF_FLAGS | x86_kind_rights(kind, pt_nx()) |
           (large ? PTE_LARGE : 0);
}

static uint64_t table(uint64_t address)
{
    return address | TABLE_FLAGS;
}

static bool is_present(uint64_t entry)
{
    return (entry & PTE_PRESENT) != 0;
}

static bool is_large(uint64_t entry)
{
    return (entry & PTE_LARGE) != 0;
}

static uint64_t address_of(uint64_t entry)
{
    return entry & PTE_ADDRESS;
}

static uint64_t part(uint64_t large, unsigned i)
{
    return (large & ~PTE_LARGE) + i * X86_PAGE_SIZE;
}

static const struct paging_format x86_format = {
    .levels = 4,
    .leaf = leaf,
    .table = table,
    .is_present = is_present,
    .is_large = is_large,
    .address = address_of,
    .part = part,
    .boot_page = pvh_boot_page,
};

static int map_shared_page(const void *page)
{
    return page ? paging_map((uintptr_t)page, PAGE_DATA) : 0;
}

int pvh_init_memory(struct boot_info *boot)
{
    uint64_t *top;
    int rc = paging_init(&x86_format, boot, &top);

    if (rc == 0)
        rc = map_shared_page(arch_shared_info);
    if (rc == 0)
        rc = map_shared_page(boot->console);
    if (rc == 0)
        rc = map_shared_page(boot->store);
    paging_started();
    if (rc == 0)
        __asm__ volatile("mov %0, %%cr3" : : "r"(top) : "memory");
    return rc;
}

static int set_page(const void *page, enum page_kind kind)
{
    bool enabled = arch_events_disable();
    int rc = paging_map((uintptr_t)page, kind);

    __asm__ volatile("invlpg (%0)" : : "r"(page) : "memory");
    if (enabled)
        arch_events_enable();
    return rc;
}

int pvh_page_unmap(void *page)
{
    return set_page(page, PAGE_NONE);
}

int pvh_page_map(void *page)
{
    return set_page(page, page_kind_of((uintptr_t)page));
}

static uint64_t page_gfn(const void *page)
{
    return (uintptr_t)page >> X86_PAGE_SHIFT;
}

static uint64_t fault_address(void)
{
    uint64_t address;

    __asm__ volatile("mov %%cr2, %0" : "=r"(address));
    return address;
}

const struct x86_platform x86_pvh = {
    .init_boot = pvh_init_boot,
    .init_traps = pvh_init_traps,
    .init_memory = pvh_init_memory,
    .events_disable = pvh_events_disable,
    .events_enable = pvh_events_enable,
    .block = pvh_block,
    .page_unmap = pvh_page_unmap,
    .page_map = pvh_page_map,
    .page_gfn = page_gfn,
    .grant_frame = pvh_grant_frame,
    .fault_address = fault_address,
};
