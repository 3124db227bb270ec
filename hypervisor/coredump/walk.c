/* SPDX-License-Identifier: ISC */
/* The guest's page tables (SDM 3A 4.5), followed as far as they lead. */

#include <coredump/coredump.h>

#define PTE_P     0x1ull
#define PTE_W     0x2ull
#define PTE_PS    0x80ull /* a large page, which PV does not have            */
#define PTE_NX    0x8000000000000000ull
#define PTE_FRAME 0x000ffffffffff000ull
#define LEVELS    4

struct walk {
    const struct core_tables *t;
    struct core_run *runs;
    size_t nr, max;
    uint64_t tables_left, pages_left;
    bool cut;
};

/* Sign-extended, as the processor wants addresses. */
static uint64_t canonical(uint64_t va)
{
    return va & (1ull << 47) ? va | 0xffff000000000000ull : va;
}

static void add_page(struct walk *w, uint64_t va, uint64_t mfn, bool writable,
                     bool executable)
{
    struct core_run *last = w->nr ? &w->runs[w->nr - 1] : NULL;

    if (mfn >= w->t->nr_frames)
        return;
    if (!w->pages_left) {
        w->cut = true;
        return;
    }
    w->pages_left--;
    if (last && va == last->va + (uint64_t)last->nr * CORE_PAGE &&
        mfn == last->mfn + last->nr && last->w == writable &&
        last->x == executable) {
        last->nr++;
        return;
    }
    if (w->nr == w->max) {
        w->cut = true;
        return;
    }
    w->runs[w->nr++] = (struct core_run){
        .va = va,
        .mfn = (uint32_t)mfn,
        .nr = 1,
        .w = writable,
        .x = executable,
    };
}

/* A table has the entries of (level) for addresses from (va) on; rights are
 * what all tables above allow. Four deep at most. */
static void walk_table(struct walk *w, uint64_t mfn, unsigned level,
                       uint64_t va, bool writable, bool executable)
{
    uint64_t entries[CORE_ENTRIES];

    if (!w->tables_left || !w->t->read(w->t->arg, mfn, entries)) {
        w->cut = true;
        return;
    }
    w->tables_left--;
    for (unsigned i = 0; i < CORE_ENTRIES; i++) {
        uint64_t e = entries[i],
                 at = va | (uint64_t)i << (12 + 9 * (level - 1));
        uint64_t frame = (e & PTE_FRAME) >> 12;
        bool may_write = writable && e & PTE_W,
             may_run = executable && !(e & PTE_NX);

        if (!(e & PTE_P))
            continue;
        if (level == 1)
            add_page(w, canonical(at), frame, may_write, may_run);
        else if (e & PTE_PS)
            w->cut = true;
        else
            walk_table(w, frame, level - 1, at, may_write, may_run);
    }
}

size_t core_find_runs(const struct core_tables *t, struct core_run *runs,
                      size_t max, bool *cut)
{
    struct walk w = {
        .t = t,
        .runs = runs,
        .max = max,
        .tables_left = t->nr_frames / 128 + 4096,
        .pages_left = 2ull * t->nr_frames,
    };

    walk_table(&w, t->cr3_mfn, LEVELS, 0, true, true);
    *cut = w.cut;
    return w.nr;
}
