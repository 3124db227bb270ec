/* SPDX-License-Identifier: ISC */
/* The contents of the bootstrap region: segments, hypercall page, p2m, and the
 * page tables as a walker of our own sees them. */
#include "sample.h"
#include <tap.h>

static struct sample s;

#define P  0x1ull
#define W  0x2ull
#define U  0x4ull
#define A  0x20ull
#define D  0x40ull
#define NX (1ull << 63)

#define FRAME(e) (((e)&0x000ffffffffff000ull) >> 12)

/* The leaf entry for (va), 0 when there is none. Every table on the way must
 * be one of the page-table frames. */
static uint64_t walk(uint64_t va)
{
    uint64_t frame = s.l.pt_first, e = 0;
    int shift;

    for (shift = 39; shift >= 12; shift -= 9) {
        const uint64_t *table;

        if (frame < s.l.pt_first || frame >= s.l.pt_end)
            return UINT64_MAX;
        table = sample_frame(&s, frame);
        e = table[va >> shift & 511];
        if (!(e & P))
            return 0;
        if (shift > 12 && (e & ~(0x000ffffffffff000ull)) != (P | W | U | A | D))
            return UINT64_MAX - 1;
        frame = FRAME(e);
    }
    return e;
}

static void is_mapped(uint64_t va, uint64_t flags, const char *what)
{
    is_int(walk(va), va | flags, "%s", what);
}

static void test_contents(void)
{
    const uint64_t *p2m;
    const uint8_t *b;
    uint32_t i;
    int good = 1;

    sample_make(&s);
    sample_build(&s);
    b = sample_frame(&s, TEXT_VA >> 12);
    is_int(b[2], 0x92, "text");
    b = sample_frame(&s, RODATA_VA >> 12);
    is_int(b[1], 'o', "rodata");
    b = sample_frame(&s, DATA_VA >> 12);
    ok(!memcmp(b, "data", 5), "data");
    for (i = 0x1234; i < 0x3000; i++)
        good &= b[i] == 0;
    ok(good, "bss is zero");
    p2m = sample_frame(&s, s.l.p2m_first);
    for (i = 0; i < NR_PAGES; i++)
        good &= p2m[i] == i;
    ok(good, "p2m is the identity");
    b = sample_frame(&s, s.l.start_info);
    for (i = 0; i < 3 * 4096; i++)
        good &= b[i] == 0;
    ok(good, "start_info and rings are untouched");
    sample_free(&s);
}

static void test_hypercall_page(void)
{
    const uint8_t *page;
    uint64_t target;
    uint32_t nr, number;
    int good = 1;

    sample_make(&s);
    sample_build(&s);
    page = sample_frame(&s, (TEXT_VA + 0x1000) >> 12);
    for (nr = 0; nr < 64; nr++) {
        const uint8_t *stub = page + nr * 32ul;

        if (nr == 23)
            continue;
        memcpy(&number, stub + 1, 4);
        memcpy(&target, stub + 11, 8);
        good &= stub[0] == 0xb8 && number == nr;
        good &= !memcmp(stub + 5, "\xff\x25\0\0\0\0", 6);
        good &= target == s.p.hypercall_entry;
        good &= stub[19] == 0xcc && stub[31] == 0xcc;
    }
    ok(good, "63 stubs load their number and jump to the entry");
    page += 23ul * 32;
    memcpy(&target, page + 6, 8);
    ok(!memcmp(page, "\xff\x25\0\0\0\0", 6), "iret's jumps at once");
    is_int(target, s.p.iret_entry, "to its own entry");
    is_int(page[14], 0xcc, "int3 behind it");
    page = sample_frame(&s, (TEXT_VA + 0x1000) >> 12);
    for (nr = 64 * 32; nr < 4096; nr++)
        good &= page[nr] == 0xcc;
    ok(good, "int3 behind the last");
    sample_free(&s);
}

static void test_strict_tables(void)
{
    sample_make(&s);
    s.p.ramdisk_bytes = 9000;
    sample_build(&s);
    is_mapped(TEXT_VA, P | U | A, "text is read and execute");
    is_mapped(TEXT_VA + 0x2000, P | U | A, "to its last page");
    is_mapped(RODATA_VA, P | U | A | NX, "rodata is read-only");
    is_mapped(DATA_VA, P | W | U | A | D | NX, "data is read-write");
    is_int(walk(DATA_VA - 0x1000), 0, "the guard page before it is not mapped");
    is_int(walk(STACK_VA - 0x1000), 0, "nor the one before the stack");
    is_mapped(STACK_VA, P | W | U | A | D | NX, "the stack is");
    is_int(walk(0), 0, "page 0 is not mapped");
    is_int(walk(TEXT_VA - 0x1000), 0, "nor anything below the image");
    is_mapped(s.l.ramdisk_first * 4096ul, P | W | U | A | D | NX, "ramdisk");
    is_mapped(s.l.p2m_first * 4096ul, P | W | U | A | D | NX, "p2m");
    is_mapped(s.l.start_info * 4096ul, P | W | U | A | D | NX, "start_info");
    is_mapped(s.l.store * 4096ul, P | W | U | A | D | NX, "xenstore");
    is_mapped(s.l.console * 4096ul, P | W | U | A | D | NX, "console");
    is_mapped(s.l.pt_first * 4096ul, P | U | A | NX, "L4 is read-only");
    is_mapped(s.l.pt_end * 4096ul - 4096, P | U | A | NX, "so is the last L1");
    is_mapped(s.l.stack * 4096ul, P | W | U | A | D | NX, "boot stack");
    is_mapped((NR_PAGES - 1) * 4096ul, P | W | U | A | D | NX, "last page");
    is_int(walk(NR_PAGES * 4096ul), 0, "nothing behind it");
    is_int(walk(SHINFO_VA), 0, "shared_info was not asked for");
    sample_free(&s);
}

/* Every leaf agrees with the range of its frame, and with nothing else. */
static void check_all(const char *what)
{
    uint64_t va, want;
    uint32_t i = 0;
    int good = 1;

    for (va = 0; va < s.p.nr_pages * 4096ul; va += 4096) {
        const struct portal_range *r = &s.l.range[i];

        if (va >> 12 >= r->mfn + r->nr)
            r = &s.l.range[++i];
        want = r->prot ? va | P | U | A : 0;
        if (r->prot & PORTAL_PROT_W)
            want |= W | D;
        if (r->prot && s.l.strict && !(r->prot & PORTAL_PROT_X))
            want |= NX;
        good &= walk(va) == want || (va == s.l.shared_info_va && va);
    }
    ok(good, "%s: page tables and ranges agree everywhere", what);
}

static void test_relaxed_tables(void)
{
    sample_make(&s);
    s.img.segment[0].w = true;
    sample_build(&s);
    is_mapped(TEXT_VA, P | W | U | A | D, "relaxed: text is writable");
    is_mapped(DATA_VA, P | W | U | A | D, "relaxed: data is executable");
    is_mapped(DATA_VA - 0x1000, P | W | U | A | D, "relaxed: gaps are mapped");
    is_mapped(s.l.pt_first * 4096ul, P | U | A, "relaxed: L4 is read-only");
    check_all("relaxed");
    sample_free(&s);
}

static void test_sizes(void)
{
    static const uint32_t sizes[] = {1024, 1025, 2048, 262144, 262145, 300000};
    unsigned i;

    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        sample_make(&s);
        s.p.nr_pages = sizes[i];
        s.p.max_pages = PV_MAX_PAGES;
        s.img.notes.have_shared_info_va = true;
        s.img.notes.shared_info_va = SHINFO_VA;
        sample_build(&s);
        check_all("many sizes");
        is_int(walk(SHINFO_VA),
               (uint64_t)PV_MAX_PAGES * 4096 | P | W | U | A | D | NX,
               "%u pages: shared_info is mapped", sizes[i]);
        is_int(walk(sizes[i] * 4096ul), 0, "%u pages: nothing behind them",
               sizes[i]);
        sample_free(&s);
    }
}

void test_pages(void)
{
    test_contents();
    test_hypercall_page();
    test_strict_tables();
    test_relaxed_tables();
    test_sizes();
}
