/* SPDX-License-Identifier: ISC */
/* Page tables that no guest should have. Whatever they say, they reach nothing
 * but the domain's own files. */
#include "hostile.h"

#include <minios/memory.h>
#include <minios/stdio.h>

#define PTE_RW    0x67ull /* present, writable, user, accessed, dirty      */
#define PTE_PS    0x80ull
#define PTE_FRAME 0x000ffffffffff000ull
#define GIB       (1ull << 30)

static const unsigned long *p2m(void)
{
    return (const unsigned long *)x86_start_info->mfn_list;
}

static uint64_t frame_of(const volatile void *page)
{
    return (uint64_t)p2m()[va_of(page) >> 12] << 12;
}

/* Entry (index) of the table in page (table). */
static long write_entry(const volatile void *table, unsigned index,
                        uint64_t entry)
{
    mmu_update_t u = {frame_of(table) + 8ull * index + MMU_NORMAL_PT_UPDATE,
                      entry};

    return CALL(mmu_update, va_of(&u), 1, 0, DOMID_SELF);
}

static uint64_t *l4(void)
{
    return (uint64_t *)x86_start_info->pt_base;
}

/* The table that entry (index) of (table) leads to. */
static uint64_t *below(const uint64_t *table, unsigned index)
{
    uint64_t mfn = (table[index] & PTE_FRAME) >> 12, pfn = 0;

    while (pfn < x86_start_info->nr_pages && p2m()[pfn] != mfn)
        pfn++;
    return (uint64_t *)(pfn << 12);
}

/* 2 MiB from frame 0 on: more than is ours, and in place of a table. */
static int superpage_l2(void)
{
    uint64_t *l2 = below(below(l4(), 0), 0);
    long rc = write_entry(l2, 300, PTE_RW | PTE_PS);

    printf("superpage: %ld\n", rc);
    if (rc)
        return unharmed("superpage-l2");
    (void)*(volatile uint8_t *)(300ull << 21);
    return survived("superpage-l2");
}

/* 1 GiB. */
static int superpage_l3(void)
{
    uint64_t *l3 = below(l4(), 0);
    long rc = write_entry(l3, 7, PTE_RW | PTE_PS);

    printf("superpage: %ld\n", rc);
    if (rc)
        return unharmed("superpage-l3");
    (void)*(volatile uint8_t *)(7ull << 30);
    return survived("superpage-l3");
}

/* The top table in itself: all tables show, writable. What is written there is
 * the guest's own, and reaches no further. */
static int recursive_l4(void)
{
    const unsigned slot = 100;
    volatile uint64_t *self =
        (volatile uint64_t *)((uint64_t)slot << 39 | (uint64_t)slot << 30 |
                              (uint64_t)slot << 21 | (uint64_t)slot << 12);
    long rc = write_entry(l4(), slot, frame_of(l4()) | PTE_RW);

    printf("recursion: %ld\n", rc);
    if (rc)
        return unharmed("recursive-l4");
    for (unsigned i = 1; i < 512; i++) {
        if (self[i])
            continue;
        self[i] = PTE_RW | (0xfffffull + i) << 12; /* frames of nobody */
        self[i] = 0;
    }
    return unharmed("recursive-l4");
}

/* One table that is its own at every level: all of 512 GiB, from one frame.
 * Every GiB touched is two pages of tables for Linux. */
static int everywhere(void)
{
    volatile uint64_t *t = page_alloc(0);
    long rc = 0;
    uint64_t sum = 0;

    for (unsigned i = 0; i < 512; i++)
        t[i] = frame_of(t) | PTE_RW;
    for (unsigned slot = 1; slot < 200 && !rc; slot++)
        rc = write_entry(l4(), slot, frame_of(t) | PTE_RW);
    printf("recursion: %ld\n", rc);
    for (uint64_t va = 1ull << 39; !rc && va < 60ull << 39; va += GIB)
        sum += *(volatile uint64_t *)va;
    printf("touched: %lx\n", sum);
    return unharmed("everywhere");
}

/* Frames that are nobody's, somebody's, or the hypervisor's. */
static int foreign_frames(void)
{
    static const uint64_t frames[] = {0x100000, 0xfffffffff, 1ull << 39,
                                      0x10000000, 0xffff8000};
    uint64_t *page = page_alloc(0);
    long rc = -1;

    for (unsigned i = 0; i < ARRAY_SIZE(frames) && rc; i++)
        rc = CALL(update_va_mapping, va_of(page), frames[i] << 12 | PTE_RW, 2);
    if (!rc) {
        (void)*(volatile uint64_t *)page;
        return survived("foreign-frames");
    }
    return unharmed("foreign-frames");
}

/* The monitor's own addresses, by the guest's tables. */
static int map_over_monitor(void)
{
    uint64_t *page = page_alloc(0);
    long rc = CALL(update_va_mapping, MONITOR_TEXT, frame_of(page) | PTE_RW, 2);

    printf("over the monitor: %ld\n", rc);
    /* The monitor goes on as if nothing had been asked of it. */
    for (unsigned i = 0; i < 1000; i++)
        raw_syscall(__HYPERVISOR_xen_version);
    return unharmed("map-over-monitor");
}

/* A table that is the page it maps, a base that is none, and one with nothing
 * in it. */
static int empty_base(void)
{
    struct mmuext_op op = {.cmd = MMUEXT_NEW_BASEPTR};
    uint64_t *page = page_alloc(0);
    long rc;

    for (unsigned i = 0; i < 512; i++)
        page[i] = 0;
    op.arg1.mfn = 0xfffffffff;
    rc = CALL(mmuext_op, va_of(&op), 1, 0, DOMID_SELF);
    if (!rc)
        return survived("empty-base");
    op.arg1.mfn = frame_of(page) >> 12;
    rc = CALL(mmuext_op, va_of(&op), 1, 0, DOMID_SELF);
    printf("no address is left: %ld\n", rc);
    return survived("empty-base");
}

const struct attack table_attacks[] = {
    {"superpage-l2", superpage_l2},     {"superpage-l3", superpage_l3},
    {"recursive-l4", recursive_l4},     {"everywhere", everywhere},
    {"foreign-frames", foreign_frames}, {"map-over-monitor", map_over_monitor},
    {"empty-base", empty_base},         {NULL, NULL},
};
