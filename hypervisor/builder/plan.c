/* SPDX-License-Identifier: ISC */
/*
 * Decides where everything of a new PV domain goes, and what backs and
 * protects each frame. fill.c writes what is decided here.
 */
#include <builder/pv.h>
#include <base/arith.h>
#include <base/compiler.h>
#include <base/string.h>

/* Free memory that xen.h promises behind the bootstrap region: 512 KiB. */
#define PADDING_PAGES 128u
#define KIB_PER_PAGE  (PORTAL_PAGE_SIZE / 1024)

/* Strict images: the hole below, a run per PT_LOAD and one between each two,
 * ramdisk with p2m, start_info, the two rings, page tables, the rest. */
_Static_assert(1 + 2 * ELF_MAX_SEGMENTS - 1 + 5 <= PORTAL_MAX_RANGES,
               "every image that elf_read() accepts must fit");
_Static_assert(WINDOW_CONS == WINDOW_STORE + 1, "the rings are one range");

static uint64_t frame_of(uint64_t addr)
{
    return addr / PORTAL_PAGE_SIZE;
}

/* Frames for (bytes); cannot wrap, whatever (bytes) is. */
static uint64_t frames_for(uint64_t bytes)
{
    return bytes / PORTAL_PAGE_SIZE + (bytes % PORTAL_PAGE_SIZE != 0);
}

static uint64_t p2m_pages(uint64_t nr_pages)
{
    return frames_for(nr_pages * sizeof(uint64_t));
}

/* One L4 and one L3 (512 GiB, PV_MAX_PAGES is less), an L2 per GiB, an L1 per
 * 2 MiB, of all the RAM. */
static uint64_t pt_pages(uint64_t nr_pages)
{
    return 2 + ((nr_pages + (1u << 18) - 1) >> 18) +
           ((nr_pages + (1u << 9) - 1) >> 9);
}

/* First free frame when the image and ramdisk end at frame (end). */
static uint64_t boot_end(uint64_t end, uint64_t nr_pages)
{
    /* start_info, xenstore, console; the stack */
    return end + p2m_pages(nr_pages) + 3 + pt_pages(nr_pages) + 1;
}

static bool fits(uint64_t end, uint64_t nr_pages)
{
    return boot_end(end, nr_pages) + PADDING_PAGES <= nr_pages;
}

/* Least memory, in KiB, with which an image and ramdisk up to frame (end) would
 * fit. More memory needs more tables, at 1/256 of it: each step gains less, so
 * few are needed; the bound is for absurd sizes. */
static uint64_t kib_needed(uint64_t end)
{
    uint64_t nr = boot_end(end, 0) + PADDING_PAGES;

    while (nr <= PV_MAX_PAGES && !fits(end, nr))
        nr = boot_end(end, nr) + PADDING_PAGES;
    return nr * KIB_PER_PAGE;
}

/* Segment that contains all of [addr, addr + len), or NULL. */
static const struct elf_segment *segment_with(const struct elf_image *img,
                                              uint64_t addr, uint64_t len)
{
    unsigned i;

    for (i = 0; i < img->nr_segments; i++) {
        const struct elf_segment *s = &img->segment[i];

        if (addr >= s->vaddr && range_inside(addr - s->vaddr, len, s->memsz))
            return s;
    }
    return NULL;
}

/*
 * Protection of image frame (frame), the union of what the segments in it want,
 * 0 when none is. It is the same up to frame (*next), which is where the next
 * segment begins or one ends; UINT64_MAX behind the last.
 */
static unsigned image_prot(const struct elf_image *img, uint64_t frame,
                           uint64_t *next)
{
    unsigned i, prot = 0;

    *next = UINT64_MAX;
    for (i = 0; i < img->nr_segments; i++) {
        const struct elf_segment *s = &img->segment[i];
        uint64_t first = frame_of(s->vaddr);
        uint64_t end = frames_for(s->vaddr + s->memsz);

        if (frame < first) {
            *next = MIN(*next, first);
        } else if (frame < end) {
            *next = MIN(*next, end);
            prot |= PORTAL_PROT_R | (s->w ? PORTAL_PROT_W : 0u) |
                    (s->x ? PORTAL_PROT_X : 0u);
        }
    }
    return prot;
}

static bool image_is_strict(const struct elf_image *img)
{
    const unsigned wx = PORTAL_PROT_W | PORTAL_PROT_X;
    const struct elf_segment *entry, *page;
    uint64_t frame = 0, next;

    for (; frame != UINT64_MAX; frame = next)
        if ((image_prot(img, frame, &next) & wx) == wx)
            return false;
    /* What Xen would let run without any execute permission must run here. */
    entry = segment_with(img, img->notes.entry, 1);
    page = img->notes.have_hypercall_page
               ? segment_with(img, img->notes.hypercall_page, PORTAL_PAGE_SIZE)
               : entry;
    return entry->x && page->x;
}

static enum pv_error check_addresses(const struct elf_image *img,
                                     uint64_t *value)
{
    const struct elf_xen_notes *n = &img->notes;
    unsigned i;

    *value = n->virt_base;
    if (n->virt_base != 0)
        return PV_E_ADDRESS;
    *value = n->init_p2m;
    if (n->have_init_p2m)
        return PV_E_ADDRESS;
    for (i = 0; i < img->nr_segments; i++) {
        const struct elf_segment *s = &img->segment[i];

        *value = s->vaddr;
        if (s->paddr - n->paddr_offset != s->vaddr)
            return PV_E_ADDRESS;
        if (s->vaddr < GUEST_VA_MIN)
            return PV_E_LOW;
    }
    return PV_OK;
}

static enum pv_error check_image(const struct elf_image *img, uint64_t *value)
{
    const struct elf_xen_notes *n = &img->notes;
    enum pv_error e;

    *value = 0;
    if (!n->have_entry)
        return PV_E_NO_ENTRY;
    e = check_addresses(img, value);
    if (e != PV_OK)
        return e;
    *value = n->entry;
    if (!segment_with(img, n->entry, 1))
        return PV_E_NOTE;
    *value = n->hypercall_page;
    if (n->have_hypercall_page &&
        (n->hypercall_page % PORTAL_PAGE_SIZE != 0 ||
         !segment_with(img, n->hypercall_page, PORTAL_PAGE_SIZE)))
        return PV_E_NOTE;
    return PV_OK;
}

static enum pv_error check_size(const struct pv_params *p, uint64_t image_end,
                                uint64_t *value)
{
    uint64_t end = image_end + frames_for(p->ramdisk_bytes);

    *value = (uint64_t)p->max_pages * KIB_PER_PAGE;
    if (p->max_pages > PV_MAX_PAGES)
        return PV_E_TOO_BIG;
    *value = (uint64_t)p->nr_pages * KIB_PER_PAGE;
    if (p->nr_pages > p->max_pages)
        return PV_E_TOO_BIG;
    *value = kib_needed(end);
    if (!fits(image_end, p->nr_pages))
        return PV_E_MEMORY;
    return fits(end, p->nr_pages) ? PV_OK : PV_E_RAMDISK;
}

/* Appends frames [last end, end) to the ranges, to the last one if they carry
 * it on. (file_page) is where the first of them is in its file. */
static void add_range(struct pv_layout *l, uint32_t end, unsigned backing,
                      unsigned prot, uint32_t file_page)
{
    struct portal_range *r = &l->range[l->nr_ranges];
    uint32_t first = 0;

    if (l->nr_ranges > 0) {
        r--;
        first = r->mfn + r->nr;
        if (end > first && r->backing == backing && r->prot == prot &&
            r->file_page + r->nr == file_page) {
            r->nr += end - first;
            return;
        }
        r++;
    }
    if (end == first)
        return;
    *r = (struct portal_range){
        .mfn = first,
        .nr = end - first,
        .file_page = file_page,
        .backing = (uint8_t)backing,
        .prot = (uint8_t)prot,
    };
    l->nr_ranges++;
}

/* The next frame without a range. */
static uint32_t ranges_end(const struct pv_layout *l)
{
    const struct portal_range *r = &l->range[l->nr_ranges];

    return l->nr_ranges ? r[-1].mfn + r[-1].nr : 0;
}

static void add_ram(struct pv_layout *l, uint32_t end, unsigned prot)
{
    add_range(l, end, PORTAL_BACK_RAM, prot, RAM_FILE_FIRST + ranges_end(l));
}

static void add_template(struct pv_layout *l, uint32_t end, unsigned prot)
{
    uint32_t first = ranges_end(l);

    add_range(l, end, PORTAL_BACK_TEMPLATE, prot, l->template_pages);
    l->template_pages += end - first;
}

static void plan_image_ranges(const struct elf_image *img, struct pv_layout *l)
{
    uint32_t frame = l->image_first;
    uint64_t next;

    if (!l->strict) {
        add_ram(l, l->image_end, PORTAL_PROT_R | PORTAL_PROT_W | PORTAL_PROT_X);
        return;
    }
    for (; frame < l->image_end; frame = (uint32_t)next) {
        unsigned prot = image_prot(img, frame, &next);

        /* Frames that the guest will write soon are its own from the start;
         * so are guard pages, which cost nothing as long as nobody maps them.*/
        if (prot == 0 || (prot & PORTAL_PROT_W))
            add_ram(l, (uint32_t)next, prot);
        else
            add_template(l, (uint32_t)next, prot);
    }
}

static void plan_ranges(const struct pv_params *p, struct pv_layout *l)
{
    const unsigned rw = PORTAL_PROT_R | PORTAL_PROT_W |
                        (l->strict ? 0u : (unsigned)PORTAL_PROT_X);

    add_ram(l, l->image_first, 0);
    plan_image_ranges(p->image, l);
    add_template(l, l->p2m_end, rw); /* ramdisk and p2m, copied on write */
    add_ram(l, l->start_info + 1, rw);
    add_range(l, l->console + 1, PORTAL_BACK_RAM, rw, WINDOW_STORE);
    add_template(l, l->pt_end, PORTAL_PROT_R);
    add_ram(l, p->nr_pages, rw);
}

enum pv_error pv_plan(const struct pv_params *p, struct pv_layout *l,
                      uint64_t *value)
{
    const struct elf_image *img = p->image;
    uint64_t image_first = UINT64_MAX, image_end = 0;
    enum pv_error e;
    unsigned i;

    memset(l, 0, sizeof(*l));
    e = check_image(img, value);
    if (e != PV_OK)
        return e;
    for (i = 0; i < img->nr_segments; i++) {
        const struct elf_segment *s = &img->segment[i];

        image_first = MIN(image_first, frame_of(s->vaddr));
        image_end = MAX(image_end, frames_for(s->vaddr + s->memsz));
    }
    e = check_size(p, image_end, value);
    if (e != PV_OK)
        return e;

    /* Everything is below nr_pages from here on: 32 bits do. */
    l->image_first = (uint32_t)image_first;
    l->image_end = (uint32_t)image_end;
    l->ramdisk_first = l->image_end;
    l->ramdisk_end = l->ramdisk_first + (uint32_t)frames_for(p->ramdisk_bytes);
    l->p2m_first = l->ramdisk_end;
    l->p2m_end = l->p2m_first + (uint32_t)p2m_pages(p->nr_pages);
    l->start_info = l->p2m_end;
    l->store = l->start_info + 1;
    l->console = l->store + 1;
    l->pt_first = l->console + 1;
    l->pt_end = l->pt_first + (uint32_t)pt_pages(p->nr_pages);
    l->stack = l->pt_end;
    l->boot_end = l->stack + 1;
    l->ramdisk_bytes = p->ramdisk_bytes;
    l->entry = img->notes.entry;
    l->strict = image_is_strict(img);
    if (img->notes.have_shared_info_va &&
        img->notes.shared_info_va == SHINFO_VA)
        l->shared_info_va = SHINFO_VA;
    plan_ranges(p, l);
    *value = (uint64_t)l->template_pages * KIB_PER_PAGE;
    if (l->template_pages > MAX_TEMPLATE_PAGES)
        return PV_E_TEMPLATE;
    *value = 0;
    return PV_OK;
}

const char *pv_strerror(enum pv_error e)
{
    switch (e) {
    case PV_OK:
        return "no error";
    case PV_E_NO_ENTRY:
        return "no entry point for paravirtualised guests (XEN_ELFNOTE_ENTRY)";
    case PV_E_LOW:
        return "the image wants memory below 1 MiB: link it at 1 MiB or above";
    case PV_E_ADDRESS:
        return "virtual and physical addresses differ "
               "(VIRT_BASE, PADDR_OFFSET or INIT_P2M)";
    case PV_E_NOTE:
        return "the notes put the entry point or the hypercall page outside "
               "the image";
    case PV_E_MEMORY:
        return "the image does not fit into the domain's memory";
    case PV_E_RAMDISK:
        return "the ramdisk does not fit into the domain's memory";
    case PV_E_TOO_BIG:
        return "more memory than an engine carries (64 GiB), or more than "
               "maxmem=";
    case PV_E_TEMPLATE:
        return "image, ramdisk and page tables are larger together than "
               "domains can share (512 MiB)";
    }
    return "unknown error";
}
