/* SPDX-License-Identifier: ISC */
/*
 * The notes of an image that Xen and we care for: xen/elfnote.h, owner "Xen",
 * and our own, owner "Midge".
 *
 * Notes are padded to 4 bytes whatever the segment's alignment says: Xen's own
 * loader reads them so. An area that ends inside a note header or name ends the
 * list (it cannot be known whose note that would have been); a note known to
 * be ours that overruns its area, or says something else than an earlier one
 * of its type, is an error.
 */
#include <elf/elf.h>
#include <base/arith.h>
#include <base/compiler.h>
#include <base/string.h>
#include <xen/elfnote.h>
#include "reader.h"

/* All notes of all areas together: areas may overlap, and tens of thousands of
 * headers may name the whole file. Real images have about twenty. */
#define MAX_NOTES 4096

struct walk {
    struct elf_image *img;
    unsigned left; /* of MAX_NOTES */
    bool have_xen; /* a note of owner "Xen" was seen */
};

struct note {
    uint32_t type, descsz;
    const uint8_t *desc;
};

/* A numeric note is 4 or 8 bytes, and says the same wherever it is found. */
static bool set_number(bool *have, uint64_t *out, const struct note *n)
{
    uint64_t v = 0;

    if (n->descsz != 4 && n->descsz != 8)
        return false;
    memcpy(&v, n->desc, n->descsz);
    if (*have && *out != v)
        return false;
    *have = true;
    *out = v;
    return true;
}

static bool set_string(const char **out, const struct note *n)
{
    if (!memchr(n->desc, 0, n->descsz))
        return false;
    *out = (const char *)n->desc;
    return true;
}

static bool xen_note(struct elf_xen_notes *x, const struct note *n)
{
    switch (n->type) {
    case XEN_ELFNOTE_ENTRY:
        return set_number(&x->have_entry, &x->entry, n);
    case XEN_ELFNOTE_HYPERCALL_PAGE:
        return set_number(&x->have_hypercall_page, &x->hypercall_page, n);
    case XEN_ELFNOTE_VIRT_BASE:
        return set_number(&x->have_virt_base, &x->virt_base, n);
    case XEN_ELFNOTE_PADDR_OFFSET:
        return set_number(&x->have_paddr_offset, &x->paddr_offset, n);
    case XEN_ELFNOTE_INIT_P2M:
        return set_number(&x->have_init_p2m, &x->init_p2m, n);
    case XEN_ELFNOTE_PHYS32_ENTRY:
        return set_number(&x->have_phys32_entry, &x->phys32_entry, n);
    case XEN_ELFNOTE_MOD_START_PFN:
        return set_number(&x->have_mod_start_pfn, &x->mod_start_pfn, n);
    case XEN_ELFNOTE_GUEST_OS:
        return set_string(&x->guest_os, n);
    case XEN_ELFNOTE_LOADER:
        return set_string(&x->loader, n);
    case XEN_ELFNOTE_XEN_VERSION:
        return set_string(&x->xen_version, n);
    default:
        return true; /* nothing that a builder needs */
    }
}

static bool owner_is(const uint8_t *name, uint32_t namesz, const char *owner)
{
    size_t n = strlen(owner) + 1;

    return namesz == n && !memcmp(name, owner, n);
}

/* Takes the notes out of [off, off + size), which lies inside the file. */
static enum elf_error walk_area(struct walk *w, uint64_t off, uint64_t size)
{
    struct elf_image *img = w->img;
    uint64_t end = off + size;

    while (w->left > 0 && range_inside(off, sizeof(struct elf_nhdr), end)) {
        struct elf_nhdr h;
        struct note n;
        uint64_t name, desc;
        bool xen, midge, good;

        w->left--;
        memcpy(&h, img->file + off, sizeof(h));
        name = off + sizeof(h);
        /* 64-bit sums of 32-bit sizes and file offsets: they cannot wrap. */
        desc = name + (((uint64_t)h.namesz + 3) & ~3ull);
        if (!range_inside(name, h.namesz, end))
            return ELF_OK;
        xen = owner_is(img->file + name, h.namesz, "Xen");
        midge = owner_is(img->file + name, h.namesz, "Midge");
        img->error_value = h.type;
        if (!range_inside(desc, h.descsz, end))
            return xen || midge ? ELF_E_NOTE : ELF_OK;
        n = (struct note){h.type, h.descsz, img->file + desc};
        good = true;
        if (xen)
            good = xen_note(&img->notes, &n);
        else if (midge && n.type == ELF_NOTE_MIDGE_SHARED_INFO_VA)
            good = set_number(&img->notes.have_shared_info_va,
                              &img->notes.shared_info_va, &n);
        if (!good)
            return ELF_E_NOTE;
        w->have_xen |= xen;
        off = desc + (((uint64_t)h.descsz + 3) & ~3ull);
    }
    return ELF_OK;
}

static enum elf_error walk_segments(struct walk *w,
                                    const struct elf_header *hdr)
{
    enum elf_error e = ELF_OK;
    unsigned i;

    for (i = 0; i < hdr->phnum && e == ELF_OK; i++) {
        struct elf_phdr ph;

        w->img->error_value = i;
        if (!elf_copy(w->img, hdr->phoff + i * sizeof(ph), &ph, sizeof(ph)))
            return ELF_E_PHDRS;
        if (ph.type != PT_NOTE)
            continue;
        if (!range_inside(ph.offset, ph.filesz, w->img->file_size))
            return ELF_E_PHDRS;
        e = walk_area(w, ph.offset, ph.filesz);
    }
    return e;
}

/* Sections are optional: damaged ones are passed over. */
static enum elf_error walk_sections(struct walk *w,
                                    const struct elf_header *hdr)
{
    enum elf_error e = ELF_OK;
    unsigned i;

    for (i = 0; i < hdr->shnum && e == ELF_OK; i++) {
        struct elf_shdr sh;

        if (elf_section(w->img, hdr, i, &sh) && sh.type == SHT_NOTE &&
            range_inside(sh.offset, sh.size, w->img->file_size))
            e = walk_area(w, sh.offset, sh.size);
    }
    return e;
}

enum elf_error elf_read_notes(struct elf_image *img,
                              const struct elf_header *hdr)
{
    struct walk w = {img, MAX_NOTES, false};
    enum elf_error e = walk_segments(&w, hdr);

    if (e == ELF_OK)
        e = walk_sections(&w, hdr);
    if (e != ELF_OK)
        return e;
    img->error_value = 0;
    return w.have_xen ? ELF_OK : ELF_E_NO_NOTES;
}
