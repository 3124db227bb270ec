/* SPDX-License-Identifier: ISC */
/* Refusals, the order of the parts, strict and relaxed, and the ranges. */
#include "sample.h"
#include <stdlib.h>
#include <tap.h>

static struct sample s;

static void refused(enum pv_error want, uint64_t value, const char *what)
{
    is_int(sample_plan(&s), want, "%s: %s", what, pv_strerror(want));
    is_int(s.value, value, "%s: the detail", what);
    sample_make(&s);
}

static void test_refusals(void)
{
    sample_make(&s);
    s.img.notes.have_entry = false;
    refused(PV_E_NO_ENTRY, 0, "no entry note");
    s.img.notes.have_virt_base = true;
    s.img.notes.virt_base = 0xffffffff80000000;
    refused(PV_E_ADDRESS, 0xffffffff80000000, "a kernel linked high");
    s.img.segment[2].vaddr += 0x1000;
    refused(PV_E_ADDRESS, DATA_VA + 0x1000, "one segment elsewhere");
    s.img.notes.paddr_offset = 0x1000;
    refused(PV_E_ADDRESS, TEXT_VA, "an offset between the two");
    s.img.notes.have_init_p2m = true;
    s.img.notes.init_p2m = 0x8000000000;
    refused(PV_E_ADDRESS, 0x8000000000, "a p2m elsewhere");
    s.img.segment[0].vaddr = s.img.segment[0].paddr = MIB - 0x1000;
    refused(PV_E_LOW, MIB - 0x1000, "text below 1 MiB");
    s.img.segment[0].vaddr = s.img.segment[0].paddr = MIB - 1;
    refused(PV_E_LOW, MIB - 1, "text a byte below 1 MiB");
    s.img.segment[0].vaddr = s.img.segment[0].paddr = 0;
    refused(PV_E_LOW, 0, "an image at 0");
    s.img.notes.entry = TEXT_VA + 0x2100;
    refused(PV_E_NOTE, TEXT_VA + 0x2100, "entry behind the text");
    s.img.notes.entry = 0;
    refused(PV_E_NOTE, 0, "entry 0");
    s.img.notes.hypercall_page = TEXT_VA + 0x800;
    refused(PV_E_NOTE, TEXT_VA + 0x800, "hypercall page off its alignment");
    s.img.notes.hypercall_page = TEXT_VA + 0x2000;
    refused(PV_E_NOTE, TEXT_VA + 0x2000, "hypercall page over the text's end");
    s.img.notes.hypercall_page = 0xfffffffffffff000;
    refused(PV_E_NOTE, 0xfffffffffffff000, "hypercall page at the top");
    s.p.max_pages = PV_MAX_PAGES + 1;
    refused(PV_E_TOO_BIG, (PV_MAX_PAGES + 1ull) * 4, "maxmem over 64 GiB");
    s.p.nr_pages = MAX_PAGES + 1;
    refused(PV_E_TOO_BIG, (MAX_PAGES + 1ul) * 4, "memory over maxmem");
}

/* The KiB that a refusal asks for are enough, and a page less is not. */
static void need_is_exact(const char *what)
{
    enum pv_error e = sample_plan(&s);
    uint64_t need = s.value / 4;

    ok(e == PV_E_MEMORY || e == PV_E_RAMDISK, "%s: refused", what);
    s.p.nr_pages = (uint32_t)need - 1;
    s.p.max_pages = PV_MAX_PAGES;
    is_int(sample_plan(&s), e, "%s: a page less than asked for", what);
    s.p.nr_pages = (uint32_t)need;
    is_int(sample_plan(&s), PV_OK, "%s: as much as asked for", what);
    ok(s.l.boot_end + 128 <= s.p.nr_pages, "%s: 512 KiB are left", what);
    sample_make(&s);
}

static void test_memory(void)
{
    sample_make(&s);
    s.p.nr_pages = 300;
    need_is_exact("1.2 MB");
    s.p.nr_pages = 1;
    need_is_exact("4 KiB");
    s.img.segment[3].memsz = 200 * MIB;
    need_is_exact("a bss of 200 MiB");
    s.p.ramdisk_bytes = 300 * MIB + 1;
    is_int(sample_plan(&s), PV_E_RAMDISK, "a ramdisk that is too big");
    need_is_exact("a ramdisk of 300 MiB");

    s.p.nr_pages = 0;
    is_int(sample_plan(&s), PV_E_MEMORY, "no memory at all");
    sample_make(&s);
    s.p.ramdisk_bytes = UINT64_MAX;
    is_int(sample_plan(&s), PV_E_RAMDISK, "a ramdisk of 2^64 bytes");
    s.img.segment[3].vaddr = s.img.segment[3].paddr = UINT64_MAX - 0x2000;
    is_int(sample_plan(&s), PV_E_MEMORY, "a segment at the top of the world");
    sample_make(&s);
    s.p.nr_pages = s.p.max_pages = PV_MAX_PAGES;
    is_int(sample_plan(&s), PV_OK, "64 GiB are fine");
    s.p.ramdisk_bytes = 512 * MIB;
    is_int(sample_plan(&s), PV_E_TEMPLATE, "with a ramdisk nobody can share");
    ok(s.value > 512ul * 1024, "and the size it would have");
}

static void test_order(uint64_t ramdisk)
{
    const struct pv_layout *l = &s.l;

    sample_make(&s);
    s.p.ramdisk_bytes = ramdisk;
    is_int(sample_plan(&s), PV_OK, "ramdisk of %lu bytes",
           (unsigned long)ramdisk);
    is_int(s.value, 0, "no detail");
    is_int(l->image_first, TEXT_VA >> 12, "image");
    is_int(l->image_end, IMAGE_END >> 12, "its end");
    is_int(l->ramdisk_first, l->image_end, "ramdisk behind it");
    is_int(l->ramdisk_end - l->ramdisk_first, (ramdisk + 4095) / 4096,
           "ramdisk's pages");
    is_int(l->p2m_first, l->ramdisk_end, "p2m behind that");
    is_int(l->p2m_end - l->p2m_first, NR_PAGES * 8 / 4096, "p2m's pages");
    is_int(l->start_info, l->p2m_end, "start_info");
    is_int(l->store, l->start_info + 1, "xenstore");
    is_int(l->console, l->store + 1, "console");
    is_int(l->pt_first, l->console + 1, "page tables");
    is_int(l->pt_end - l->pt_first, 3 + NR_PAGES / 512, "L4, L3, L2, L1s");
    is_int(l->stack, l->pt_end, "stack");
    is_int(l->boot_end, l->stack + 1, "end");
    is_int(l->ramdisk_bytes, ramdisk, "ramdisk's size");
    is_int(l->entry, TEXT_VA + 0x10, "entry");
}

/* Whatever the image: sorted, no gap, no overlap, all of [0, nr_pages). */
static void check_ranges(const char *what)
{
    const struct portal_range *r = s.l.range;
    uint32_t i, end = 0, template = 0;
    int sorted = 1, files = 1, merged = 1;

    for (i = 0; i < s.l.nr_ranges; i++) {
        sorted &= r[i].mfn == end && r[i].nr > 0;
        end = r[i].mfn + r[i].nr;
        if (r[i].backing == PORTAL_BACK_TEMPLATE) {
            files &= r[i].file_page == template;
            template += r[i].nr;
        } else if (r[i].mfn == s.l.store) {
            files &= r[i].file_page == WINDOW_STORE && r[i].nr == 2;
        } else {
            files &= r[i].file_page == RAM_FILE_FIRST + r[i].mfn;
        }
        if (i > 0)
            merged &= r[i].backing != r[i - 1].backing ||
                      r[i].prot != r[i - 1].prot ||
                      r[i - 1].file_page + r[i - 1].nr != r[i].file_page;
    }
    ok(sorted, "%s: ranges follow one another", what);
    is_int(end, s.p.nr_pages, "%s: up to the end of memory", what);
    ok(files, "%s: pages of the files are right", what);
    ok(merged, "%s: as few ranges as possible", what);
    is_int(template, s.l.template_pages, "%s: size of the template", what);
    ok(s.l.nr_ranges <= PORTAL_MAX_RANGES, "%s: they fit", what);
}

static const struct portal_range *range_of(uint32_t frame)
{
    uint32_t i;

    for (i = 0; i < s.l.nr_ranges; i++)
        if (frame - s.l.range[i].mfn < s.l.range[i].nr)
            return &s.l.range[i];
    abort();
}

static void is_range(uint32_t frame, unsigned backing, unsigned prot,
                     const char *what)
{
    const struct portal_range *r = range_of(frame);

    is_int(r->backing, backing, "%s: backing", what);
    is_int(r->prot, prot, "%s: protection", what);
}

#define RAM PORTAL_BACK_RAM
#define TPL PORTAL_BACK_TEMPLATE
#define R_  PORTAL_PROT_R
#define RW  (PORTAL_PROT_R | PORTAL_PROT_W)
#define RX  (PORTAL_PROT_R | PORTAL_PROT_X)
#define RWX (RW | PORTAL_PROT_X)

static void test_strict_ranges(void)
{
    sample_make(&s);
    s.p.ramdisk_bytes = 5000;
    is_int(sample_plan(&s), PV_OK, "a strict image with a ramdisk");
    ok(s.l.strict, "is strict");
    check_ranges("strict");
    is_range(0, RAM, 0, "frame 0");
    is_range((TEXT_VA >> 12) - 1, RAM, 0, "below the image");
    is_range(TEXT_VA >> 12, TPL, RX, "text");
    is_range((TEXT_VA >> 12) + 2, TPL, RX, "text's last page");
    is_range(RODATA_VA >> 12, TPL, R_, "rodata");
    is_range((DATA_VA >> 12) - 1, RAM, 0, "first guard page");
    is_range(DATA_VA >> 12, RAM, RW, "data");
    is_range((STACK_VA >> 12) - 1, RAM, 0, "second guard page");
    is_range(STACK_VA >> 12, RAM, RW, "stack");
    is_range(s.l.ramdisk_first, TPL, RW, "ramdisk");
    is_range(s.l.p2m_first, TPL, RW, "p2m");
    is_range(s.l.start_info, RAM, RW, "start_info");
    is_range(s.l.store, RAM, RW, "xenstore");
    is_range(s.l.console, RAM, RW, "console");
    is_range(s.l.pt_first, TPL, R_, "L4");
    is_range(s.l.pt_end - 1, TPL, R_, "last L1");
    is_range(s.l.stack, RAM, RW, "boot stack");
    is_range(NR_PAGES - 1, RAM, RW, "last frame");
}

static void test_relaxed(void)
{
    sample_make(&s);
    s.img.segment[0].w = true;
    is_int(sample_plan(&s), PV_OK, "an image with a W+X segment");
    ok(!s.l.strict, "is relaxed");
    check_ranges("relaxed");
    is_range(TEXT_VA >> 12, RAM, RWX, "text");
    is_range((DATA_VA >> 12) - 1, RAM, RWX, "between segments");
    is_range(s.l.p2m_first, TPL, RWX, "p2m");
    is_range(s.l.pt_first, TPL, R_, "page tables");
    is_range(0, RAM, 0, "frame 0");

    sample_make(&s);
    s.img.segment[2].vaddr = s.img.segment[2].paddr = TEXT_VA + 0x2800;
    s.img.nr_segments = 1;
    s.img.segment[1] = s.img.segment[2];
    s.img.nr_segments = 2;
    is_int(sample_plan(&s), PV_OK, "data that shares a page with text");
    ok(!s.l.strict, "makes it relaxed");
    s.img.segment[1].w = false;
    is_int(sample_plan(&s), PV_OK, "read-only data that shares it");
    ok(s.l.strict, "does not");
    is_range((TEXT_VA >> 12) + 2, TPL, RX, "the shared page");
    is_range((TEXT_VA >> 12) + 3, TPL, R_, "the next one");
    check_ranges("shared page");

    sample_make(&s);
    s.img.notes.hypercall_page = DATA_VA;
    is_int(sample_plan(&s), PV_OK, "a hypercall page in data");
    ok(!s.l.strict, "must be executable, so: relaxed");
    sample_make(&s);
    s.img.notes.have_hypercall_page = false;
    is_int(sample_plan(&s), PV_OK, "no hypercall page");
    ok(s.l.strict, "is no reason");
}

static void test_many_segments(void)
{
    unsigned i;

    sample_make(&s);
    for (i = 0; i < ELF_MAX_SEGMENTS; i++) {
        s.img.segment[i] = s.img.segment[0];
        s.img.segment[i].vaddr = s.img.segment[i].paddr =
            TEXT_VA + i * 0x4000ul;
        s.img.segment[i].x = i % 2 == 0;
    }
    s.img.nr_segments = ELF_MAX_SEGMENTS;
    is_int(sample_plan(&s), PV_OK, "sixteen segments with gaps");
    is_int(s.l.nr_ranges, 1 + 31 + 5, "make the most ranges there can be");
    check_ranges("sixteen segments");
}

static void test_shared_info(void)
{
    sample_make(&s);
    is_int(sample_plan(&s), PV_OK, "no wish for shared_info");
    is_int(s.l.shared_info_va, 0, "it is not mapped");
    s.img.notes.have_shared_info_va = true;
    s.img.notes.shared_info_va = SHINFO_VA;
    is_int(sample_plan(&s), PV_OK, "a wish for the window's place");
    is_int(s.l.shared_info_va, SHINFO_VA, "is granted");
    s.img.notes.shared_info_va = SHINFO_VA + 0x800;
    is_int(sample_plan(&s), PV_OK, "a wish for half a page");
    is_int(s.l.shared_info_va, 0, "is not");
    s.img.notes.shared_info_va = TEXT_VA;
    is_int(sample_plan(&s), PV_OK, "a wish for the image's place");
    is_int(s.l.shared_info_va, 0, "is not");
}

void test_plan(void)
{
    test_refusals();
    test_memory();
    test_order(0);
    test_order(1);
    test_order(MIB);
    test_strict_ranges();
    test_relaxed();
    test_many_segments();
    test_shared_info();
}
