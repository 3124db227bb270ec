/* SPDX-License-Identifier: ISC */
/*
 * Our own page tables: the image and the RAM behind it, each page with the
 * rights its contents need, and the pages shared with Xen and the toolstack.
 * 2 MiB at a time where everything in there is alike; split when somebody wants
 * a part of it otherwise.
 */
#include "arch/x86/layout.h"
#include "arch/x86/pvh/pvh.h"

#include <base/string.h>
#include <minios/arch.h>
#include <minios/boot.h>
#include <minios/memory.h>
#include <xen/errno.h>

/* Linker script. */
extern const char _stack_end[];

#define PTE_LARGE   ((uint64_t)1 << 7)
#define TABLE_FLAGS (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED)
#define LEAF_FLAGS  (PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY)
#define LARGE_SIZE  (X86_PAGE_SIZE * PTES_PER_TABLE)

static uint64_t *top;
/* Set until the page allocator works. */
static struct boot_info *starting;

static uint64_t *new_table(void)
{
    void *page;

    if (starting)
        return pvh_boot_page(starting);
    page = page_alloc(0);
    return page ? memset(page, 0, X86_PAGE_SIZE) : NULL;
}

static uint64_t leaf_flags(uint64_t rights)
{
    return rights ? rights | LEAF_FLAGS : 0;
}

/* Replaces a 2 MiB leaf by a table of leaves that means the same. */
static void fill_split(uint64_t *table, uint64_t large)
{
    uint64_t i;

    for (i = 0; i < PTES_PER_TABLE; i++)
        table[i] = (large & ~PTE_LARGE) + i * X86_PAGE_SIZE;
}

/* The table behind (entry), made if there is none; NULL: no memory. Making one
 * may free stacks, and so map pages; these are part of a split, so that needs no
 * table in turn and leaves (entry) alone. */
static uint64_t *next_table(uint64_t *entry)
{
    bool present = (*entry & PTE_PRESENT) != 0;
    uint64_t *table;

    if (present && (*entry & PTE_LARGE) == 0)
        return (uint64_t *)(*entry & PTE_ADDRESS);
    table = new_table();
    if (!table)
        return NULL;
    if (present)
        fill_split(table, *entry);
    /* The CPU may follow it at once. */
    __atomic_signal_fence(__ATOMIC_RELEASE);
    *entry = (uintptr_t)table | TABLE_FLAGS;
    return table;
}

/* The entry of (level) for (va): 1 = 4 KiB, 2 = 2 MiB. */
static uint64_t *entry_for(uintptr_t va, int level)
{
    uint64_t *table = top;
    int l;

    for (l = 4; table; l--) {
        unsigned shift = X86_PAGE_SHIFT + 9 * (unsigned)(l - 1);
        uint64_t *entry = &table[(va >> shift) % PTES_PER_TABLE];

        if (l == level)
            return entry;
        table = next_table(entry);
    }
    return NULL;
}

static int map(uintptr_t va, int level, uint64_t rights)
{
    uint64_t *entry = entry_for(va, level);

    if (!entry)
        return -XEN_ENOMEM;
    *entry = rights ? va | leaf_flags(rights) : 0;
    if (rights && level == 2)
        *entry |= PTE_LARGE;
    return 0;
}

static int map_image(void)
{
    uint64_t nx = pt_nx();
    uintptr_t va;
    int rc = 0;

    for (va = IMAGE_BASE; va < (uintptr_t)_stack_end && rc == 0;
         va += X86_PAGE_SIZE)
        rc = map(va, 1, x86_page_rights(va, nx));
    return rc;
}

/* [start, end), read-write. */
static int map_data(uintptr_t start, uintptr_t end)
{
    uint64_t rights = PTE_PRESENT | PTE_WRITE | pt_nx();
    uintptr_t va = start;
    int rc = 0;

    while (va < end && rc == 0) {
        bool large = va % LARGE_SIZE == 0 && end - va >= LARGE_SIZE;

        rc = map(va, large ? 2 : 1, rights);
        va += large ? LARGE_SIZE : X86_PAGE_SIZE;
    }
    return rc;
}

static int map_shared_page(const void *page)
{
    uintptr_t va = (uintptr_t)page;

    return page ? map_data(va, va + X86_PAGE_SIZE) : 0;
}

int pvh_init_memory(struct boot_info *boot)
{
    int rc;

    starting = boot;
    top = new_table();
    if (!top)
        return -XEN_ENOMEM;
    rc = map_image();
    if (rc == 0)
        rc = map_data((uintptr_t)_stack_end, boot->free_end);
    if (rc == 0)
        rc = map_shared_page(arch_shared_info);
    if (rc == 0)
        rc = map_shared_page(boot->console);
    if (rc == 0)
        rc = map_shared_page(boot->store);
    starting = NULL;
    if (rc == 0)
        __asm__ volatile("mov %0, %%cr3" : : "r"(top) : "memory");
    return rc;
}

static int set_page(const void *page, uint64_t rights)
{
    bool enabled = arch_events_disable();
    int rc = map((uintptr_t)page, 1, rights);

    __asm__ volatile("invlpg (%0)" : : "r"(page) : "memory");
    if (enabled)
        arch_events_enable();
    return rc;
}

int pvh_page_unmap(void *page)
{
    return set_page(page, 0);
}

int pvh_page_map(void *page)
{
    return set_page(page, x86_page_rights((uintptr_t)page, pt_nx()));
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
