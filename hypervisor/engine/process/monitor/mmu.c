/* SPDX-License-Identifier: ISC */
/*
 * The guest's page tables, followed by mmap. Host mappings are a bounded cache
 * of them, like a TLB:
 *
 *   1. A host mapping is never wider than the guest's tables allow at the time
 *      it is made.
 *   2. Whoever takes rights away from the tables removes the host mapping
 *      before the guest runs again (mmu_write_entry, mmu_flush_all).
 *   3. A missing host mapping is no error: the fault brings it back
 *      (mmu_refill), a run of pages at a time.
 *   4. With strict W^X a page is mapped writable or executable, whichever was
 *      asked for last, never both.
 *
 * Invariant 2 needs the virtual address of a changed entry. Tables carry no
 * back pointer, so a bounded search finds it; when it does not, or finds the
 * table in two places, everything is forgotten.
 */

#include "monitor.h"
#include <vcpu/sys.h>

#define ENTRIES      512u
#define MAX_MAPPINGS 16384u
#define SEARCH_LIMIT 4096u /* tables looked at                             */

/* First entry of the L4 that belongs to Xen: 0xffff8000_00000000. */
#define L4_USER_ENTRIES 256u

static uint64_t level_shift(unsigned level)
{
    return 12 + 9 * (level - 1);
}

void mmu_walk(uint64_t va, struct walk *w)
{
    uint64_t table = pv.cr3_mfn;

    *w = (struct walk){.rw = true};
    for (unsigned level = 4; level >= 1; level--) {
        const volatile uint64_t *t = frame_read(table);
        uint64_t e;

        w->level = level;
        w->table_mfn = table;
        w->index = (unsigned)(va >> level_shift(level)) % ENTRIES;
        if (!t)
            return;
        e = t[w->index];
        w->entry = e;
        if (!(e & PTE_P) || (level > 1 && (e & PTE_PS)))
            return;
        w->rw = w->rw && (e & PTE_RW);
        w->nx = w->nx || (e & PTE_NX);
        table = PTE_MFN(e);
    }
    w->present = true;
    w->mfn = table;
}

void mmu_flush_all(void)
{
    sys_munmap(GUEST_VA_MIN, MONITOR_WINDOWS_VA - GUEST_VA_MIN);
    pv.nr_mappings = 0;
}

static bool mappable(uint64_t va)
{
    return va >= GUEST_VA_MIN && va < MONITOR_WINDOWS_VA;
}

/* Host protection for a leaf with these rights, (access) being wanted. */
static int host_prot(bool rw, bool nx, bool backing_writable, unsigned access)
{
    bool w = rw && backing_writable, x = !nx;

    if (w && x && (vcpu.boot.flags & PORTAL_FLAG_STRICT_WX)) {
        if (access == ACCESS_EXEC)
            w = false;
        else
            x = false;
    }
    return MMAP_PROT_R | (w ? MMAP_PROT_W : 0) | (x ? MMAP_PROT_X : 0);
}

/* Maps (n) pages; when the host's limits bite, forgets everything and tries
 * once more. */
static void host_map(uint64_t va, uint64_t n, int prot,
                     const struct frame_backing *b)
{
    long rc;

    if (++pv.nr_mappings > MAX_MAPPINGS)
        mmu_flush_all();
    rc = sys_mmap_file(va, n << 12, prot, b->fd, b->file_page << 12);
    if (rc == -LINUX_ENOMEM) {
        mmu_flush_all();
        rc = sys_mmap_file(va, n << 12, prot, b->fd, b->file_page << 12);
    }
    if (rc != (long)va)
        crash(PORTAL_CRASH_HOST, 0, 0, va, (uint64_t)-rc, NULL);
}

static void note_alias(uint64_t va, uint64_t mfn, const struct frame_backing *b)
{
    if (b->fd == GUEST_FD_TEMPLATE && va >> 12 != mfn)
        pv.template_alias = true;
}

/* How many entries after (w) continue the same file run with the same rights:
 * they are mapped along (fault-around). */
static uint64_t run_length(const struct walk *w, const struct frame_backing *b)
{
    const volatile uint64_t *t = frame_read(w->table_mfn);
    const uint64_t rights = PTE_P | PTE_RW | PTE_NX;
    uint64_t n = 1;

    while (t && w->index + n < ENTRIES) {
        uint64_t e = t[w->index + n];
        struct frame_backing next;

        if ((e & rights) != (w->entry & rights) || PTE_MFN(e) != w->mfn + n ||
            !frame_backing(w->mfn + n, &next) || next.fd != b->fd ||
            next.file_page != b->file_page + n)
            break;
        n++;
    }
    return n;
}

bool mmu_refill(uint64_t va, unsigned access)
{
    struct frame_backing b;
    struct walk w;

    va &= ~0xfffull;
    if (!mappable(va))
        return false;
    mmu_walk(va, &w);
    if (!w.present || (access == ACCESS_WRITE && !w.rw) ||
        (access == ACCESS_EXEC && w.nx) || !frame_backing(w.mfn, &b))
        return false;
    if (access == ACCESS_WRITE && !b.writable) {
        int rc = frame_unshare(w.mfn);

        if (rc)
            crash(PORTAL_CRASH_HOST, 14, 0, va, (uint64_t)-rc, NULL);
        if (!frame_backing(w.mfn, &b))
            return false;
    }
    note_alias(va, w.mfn, &b);
    host_map(va, run_length(&w, &b), host_prot(w.rw, w.nx, b.writable, access),
             &b);
    return true;
}

void mmu_sync_page(uint64_t va)
{
    struct frame_backing b;
    struct walk w;

    va &= ~0xfffull;
    if (!mappable(va))
        return;
    mmu_walk(va, &w);
    if (!w.present || !frame_backing(w.mfn, &b)) {
        sys_munmap(va, 0x1000);
        return;
    }
    note_alias(va, w.mfn, &b);
    host_map(va, 1, host_prot(w.rw, w.nx, b.writable, ACCESS_READ), &b);
}

/* --- where is a table hooked? ------------------------------------------------- */

struct search {
    uint64_t table_mfn;
    unsigned budget;
    unsigned found; /* places, counted to 2                                */
    unsigned level;
    uint64_t base;
};

static void search_table(struct search *s, uint64_t mfn, unsigned level,
                         uint64_t base)
{
    const volatile uint64_t *t;
    unsigned entries = level == 4 ? L4_USER_ENTRIES : ENTRIES;

    if (mfn == s->table_mfn) {
        s->found++;
        s->level = level;
        s->base = base;
    }
    if (level == 1 || s->found > 1 || !s->budget)
        return;
    s->budget--;
    t = frame_read(mfn);
    for (unsigned i = 0; t && i < entries && s->found < 2; i++) {
        uint64_t e = t[i];

        if ((e & PTE_P) && !(e & PTE_PS))
            search_table(s, PTE_MFN(e), level - 1,
                         base + ((uint64_t)i << level_shift(level)));
    }
}

bool mmu_is_table(uint64_t mfn)
{
    struct search s = {.table_mfn = mfn, .budget = SEARCH_LIMIT};

    search_table(&s, pv.cr3_mfn, 4, 0);
    return s.found;
}

void mmu_forget_entry(uint64_t mfn, unsigned index)
{
    struct search s = {.table_mfn = mfn, .budget = SEARCH_LIMIT};
    uint64_t va, span;

    search_table(&s, pv.cr3_mfn, 4, 0);
    if (s.budget && !s.found)
        return; /* not hooked anywhere: nothing can be mapped through it */
    if (!s.budget || s.found > 1) {
        mmu_flush_all();
        return;
    }
    if (s.level == 4 && index >= L4_USER_ENTRIES)
        return;
    va = s.base + ((uint64_t)index << level_shift(s.level));
    if (s.level == 1) {
        mmu_sync_page(va);
        return;
    }
    span = 1ull << level_shift(s.level);
    if (va < GUEST_VA_MIN) {
        span -= MIN(span, GUEST_VA_MIN - va);
        va = GUEST_VA_MIN;
    }
    if (va < MONITOR_WINDOWS_VA && span)
        sys_munmap(va, MIN(span, MONITOR_WINDOWS_VA - va));
}

static bool in_windows(unsigned l4_index)
{
    return l4_index >= MONITOR_WINDOWS_VA >> level_shift(4) &&
           l4_index < L4_USER_ENTRIES;
}

bool mmu_maps_windows(uint64_t mfn)
{
    const volatile uint64_t *t = frame_read(mfn);

    for (unsigned i = 0; t && i < L4_USER_ENTRIES; i++)
        if (in_windows(i) && (t[i] & PTE_P))
            return true;
    return false;
}

int mmu_write_entry(uint64_t ma, uint64_t val)
{
    uint64_t mfn = ma >> 12, old;
    unsigned index = (unsigned)(ma & 0xfff) / 8;
    struct frame_backing b;
    volatile uint64_t *t;

    if (ma % 8)
        return -XEN_EINVAL;
    if ((val & PTE_P) && (!frame_backing(PTE_MFN(val), &b) ||
                          (mfn == pv.cr3_mfn && in_windows(index))))
        return -XEN_EINVAL;
    t = frame_write(mfn);
    if (!t)
        return -XEN_EINVAL;
    old = t[index];
    if (old == val)
        return 0;
    t[index] = val;
    if (old & PTE_P)
        mmu_forget_entry(mfn, index);
    return 0;
}
