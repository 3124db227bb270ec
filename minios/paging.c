/* SPDX-License-Identifier: ISC */
/* Page tables of our own; contract in paging.h. */
#include "paging.h"

#include <base/string.h>
#include <minios/memory.h>
#include <xen/errno.h>

/* Linker script. */
extern const char _text_start[], _text_end[], _rodata_start[], _rodata_end[],
    _data_end[], _stack_start[], _stack_end[];

#define LARGE_SIZE (PAGE_SIZE * PAGING_ENTRIES)

static const struct paging_format *format;
static uint64_t *top_table;
/* Set until the page allocator works. */
static struct boot_info *starting;

static bool is_between(uintptr_t va, const char *start, const char *end)
{
    return va >= (uintptr_t)start && va < (uintptr_t)end;
}

enum page_kind page_kind_of(uintptr_t va)
{
    if (va < (uintptr_t)_text_start)
        return PAGE_NONE;
    if (is_between(va, _text_start, _text_end))
        return PAGE_TEXT;
    if (is_between(va, _rodata_start, _rodata_end))
        return PAGE_RODATA;
    if (is_between(va, _data_end, _stack_start))
        return PAGE_NONE; /* the guard page */
    return PAGE_DATA;
}

static uint64_t *new_table(void)
{
    void *page;

    if (starting)
        return format->boot_page(starting);
    page = page_alloc(0);
    return page ? memset(page, 0, PAGE_SIZE) : NULL;
}

static void fill_split(uint64_t *table, uint64_t large)
{
    unsigned i;

    for (i = 0; i < PAGING_ENTRIES; i++)
        table[i] = format->part(large, i);
}

/* The table behind (entry), made if there is none; NULL: no memory. Making one
 * may free stacks, and so map pages; these are part of a split, so that needs no
 * table in turn and leaves (entry) alone. */
static uint64_t *next_table(uint64_t *entry, unsigned level)
{
    bool present = format->is_present(*entry);
    uint64_t *table;

    if (present &&
        (level != 2 || !format->is_large || !format->is_large(*entry)))
        return (uint64_t *)format->address(*entry);
    table = new_table();
    if (!table)
        return NULL;
    if (present)
        fill_split(table, *entry);
    /* The CPU may follow it at once. */
    __atomic_thread_fence(__ATOMIC_RELEASE);
    *entry = format->table((uintptr_t)table);
    return table;
}

/* The entry of (level) for (va): 1 = 4 KiB, 2 = 2 MiB. */
static uint64_t *entry_for(uintptr_t va, unsigned level)
{
    uint64_t *table = top_table;
    unsigned l;

    for (l = format->levels; table; l--) {
        unsigned shift = PAGE_SHIFT + 9 * (l - 1);
        uint64_t *entry = &table[(va >> shift) % PAGING_ENTRIES];

        if (l == level)
            return entry;
        table = next_table(entry, l);
    }
    return NULL;
}

static int map(uintptr_t va, enum page_kind kind, bool large)
{
    uint64_t *entry = entry_for(va, large ? 2 : 1);

    if (!entry)
        return -XEN_ENOMEM;
    *entry = kind == PAGE_NONE ? 0 : format->leaf(va, kind, large);
    return 0;
}

int paging_map(uintptr_t va, enum page_kind kind)
{
    return map(va, kind, false);
}

static int map_image(void)
{
    uintptr_t va;
    int rc = 0;

    for (va = (uintptr_t)_text_start; va < (uintptr_t)_stack_end && rc == 0;
         va += PAGE_SIZE)
        rc = map(va, page_kind_of(va), false);
    return rc;
}

static int map_memory(uintptr_t start, uintptr_t end)
{
    uintptr_t va = start;
    int rc = 0;

    while (va < end && rc == 0) {
        bool large =
            format->part && va % LARGE_SIZE == 0 && end - va >= LARGE_SIZE;

        rc = map(va, PAGE_DATA, large);
        va += large ? LARGE_SIZE : PAGE_SIZE;
    }
    return rc;
}

int paging_init(const struct paging_format *f, struct boot_info *boot,
                uint64_t **top)
{
    int rc;

    format = f;
    starting = boot;
    top_table = new_table();
    if (!top_table)
        return -XEN_ENOMEM;
    *top = top_table;
    rc = map_image();
    /* Tables are taken from its low end: they are in there, too. */
    return rc == 0 ? map_memory((uintptr_t)_stack_end, boot->free_end) : rc;
}

void paging_started(void)
{
    starting = NULL;
}
