/* SPDX-License-Identifier: ISC */
/* What the page tables map at the start of day. */
#include "framedump.h"

#include <base/compiler.h>
#include <minios/stdio.h>

/* SDM 3A 4.5 */
#define PTE_PRESENT ((uint64_t)1 << 0)
#define PTE_WRITE   ((uint64_t)1 << 1)
#define PTE_NX      ((uint64_t)1 << 63)
#define PTE_ADDRESS ((uint64_t)0x000ffffffffff000)

#define PAGE       0x1000ul
#define LOWER_HALF ((uint64_t)1 << 47)
#define NR_RUNS    48
#define PADDING    0x80000ul  /* xen.h, start-of-day 7 */
#define BOUNDARY   0x400000ul /* the same, 2           */

static struct run {
    uint64_t start, end; /* addresses                                      */
    uint64_t rights;     /* PTE_WRITE | PTE_NX                             */
} runs[NR_RUNS];
static unsigned nr_runs, nr_more, nr_strange;
static uint64_t upper_half[4]; /* a bit for each entry of the top table  */

static void record_page(uint64_t va, uint64_t pte)
{
    const uint64_t *p2m = (const uint64_t *)x86_start_info->mfn_list;
    uint64_t rights = pte & (PTE_WRITE | PTE_NX);
    uint64_t pfn = va / PAGE;

    if ((pte & PTE_ADDRESS) != x86_start_info->shared_info &&
        (pfn >= x86_start_info->nr_pages ||
         p2m[pfn] != (pte & PTE_ADDRESS) / PAGE))
        nr_strange++;
    if (nr_runs > 0 && runs[nr_runs - 1].end == va &&
        runs[nr_runs - 1].rights == rights) {
        runs[nr_runs - 1].end += PAGE;
        return;
    }
    if (nr_runs == NR_RUNS)
        nr_more++;
    else
        runs[nr_runs++] = (struct run){va, va + PAGE, rights};
}

/* Called before the kernel has touched the tables, with a small stack. */
void map_record(void)
{
    const uint64_t *top = (const uint64_t *)x86_start_info->pt_base;
    uint64_t va = 0, stride;
    unsigned i;
    int level;

    while (va < LOWER_HALF) {
        const uint64_t *entry = NULL;

        for (level = 4; level > 0; level--) {
            entry = pt_entry(va, level);
            stride = PAGE << (9 * (level - 1));
            if ((*entry & PTE_PRESENT) == 0)
                break;
        }
        if (level == 0)
            record_page(va, *entry);
        va = (va & ~(stride - 1)) + stride;
    }
    for (i = 256; i < 512; i++) {
        if (top[i] & PTE_PRESENT)
            upper_half[i / 64 - 4] |= (uint64_t)1 << (i % 64);
    }
}

/* The run that holds (va), or NULL: not mapped. */
static const struct run *run_of(uint64_t va)
{
    unsigned i;

    for (i = 0; i < nr_runs; i++) {
        if (va >= runs[i].start && va < runs[i].end)
            return &runs[i];
    }
    return NULL;
}

static const char *rights_of(uint64_t va)
{
    static const char *const text[] = {"r-x", "rwx", "r--", "rw-"};
    const struct run *r = run_of(va);

    if (!r)
        return "none";
    return text[(r->rights & PTE_WRITE ? 1 : 0) + (r->rights & PTE_NX ? 2 : 0)];
}

/* The rights of all pages in [start, end), or "mixed". */
static const char *rights(uint64_t start, uint64_t end)
{
    const char *first = rights_of(start);
    uint64_t va;

    for (va = start; va < end; va += PAGE) {
        if (rights_of(va) != first)
            return "mixed";
    }
    return first;
}

static bool mapped(uint64_t start, uint64_t end)
{
    uint64_t va;

    for (va = start; va < end; va += PAGE) {
        if (!run_of(va))
            return false;
    }
    return true;
}

static void print_rights(const char *what, uint64_t start, uint64_t end)
{
    if (start < end)
        printf("~%s: %s\n", what, rights(start, end));
}

static void print_runs(void)
{
    unsigned i;

    for (i = 0; i < nr_runs; i++)
        printf("# mapped %lx..%lx %s\n", runs[i].start, runs[i].end,
               rights_of(runs[i].start));
    if (nr_more)
        printf("# and %u runs more\n", nr_more);
    printf("~upper half of the top table: %016lx %016lx %016lx %016lx\n",
           upper_half[0], upper_half[1], upper_half[2], upper_half[3]);
}

void map_print(void)
{
    const struct start_info *si = x86_start_info;
    uint64_t tables = si->pt_base, stack = tables + si->nr_pt_frames * PAGE;
    uint64_t end = si->nr_pages * PAGE, info = address_of(si);
    uint64_t text = address_of(_text_start), free = stack + PAGE;
    const struct run *last = nr_runs ? &runs[nr_runs - 1] : NULL;

    print_runs();
    print_rights("below the image", 0, text - 16 * PAGE);
    print_rights("text", text, address_of(_text_end));
    print_rights("read-only data", address_of(_rodata_start),
                 address_of(_rodata_end));
    print_rights("data", address_of(_rodata_end), address_of(_data_end));
    print_rights("guard page", address_of(_data_end), address_of(_stack_start));
    print_rights("main stack", address_of(_stack_start),
                 address_of(_stack_end));
    print_rights("p2m list", si->mfn_list, info);
    print_rights("start_info", info, info + PAGE);
    print_rights("page tables", tables, stack);
    print_rights("boot stack", stack, free);
    print_rights("padding", free, free + PADDING);
    printf("page tables writable: %s\n",
           yes_no(run_of(tables) && (run_of(tables)->rights & PTE_WRITE)));
    printf("p2m list to boot stack mapped: %s\n",
           yes_no(mapped(si->mfn_list, free)));
    printf("512 KiB behind the boot stack mapped: %s\n",
           yes_no(mapped(free, free + PADDING)));
    printf("map ends at 4 MiB boundary or end of memory: %s\n",
           yes_no(last && (last->end % BOUNDARY == 0 || last->end == end)));
    printf("~all memory mapped: %s\n", yes_no(last && last->end == end));
    printf("entries that disagree with the p2m list: %u\n", nr_strange);
}
