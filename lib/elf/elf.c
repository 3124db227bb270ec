/* SPDX-License-Identifier: ISC */
/*
 * Header and segments of an ELF image, as a list of checks. Notes are in
 * notes.c, symbols in symbols.c.
 */
#include <elf/elf.h>
#include <base/arith.h>
#include <base/compiler.h>
#include <base/string.h>
#include "reader.h"

static const uint8_t elf_magic[4] = {0x7f, 'E', 'L', 'F'};

bool elf_copy(const struct elf_image *img, uint64_t off, void *out, size_t len)
{
    if (!range_inside(off, len, img->file_size))
        return false;
    memcpy(out, img->file + off, len);
    return true;
}

bool elf_section(const struct elf_image *img, const struct elf_header *hdr,
                 unsigned i, struct elf_shdr *out)
{
    uint64_t off;

    if (hdr->shoff == 0 || hdr->shentsize != sizeof(*out) || i >= hdr->shnum)
        return false;
    return add_u64(hdr->shoff, i * sizeof(*out), &off) &&
           elf_copy(img, off, out, sizeof(*out));
}

/* Whether [a, a + alen) and [b, b + blen) meet; neither wraps. */
static bool overlaps(uint64_t a, uint64_t alen, uint64_t b, uint64_t blen)
{
    return a < b + blen && b < a + alen;
}

static enum elf_error check_header(struct elf_image *img,
                                   struct elf_header *hdr, unsigned machine)
{
    if (img->file_size >= sizeof(elf_magic) &&
        memcmp(img->file, elf_magic, sizeof(elf_magic)) != 0)
        return ELF_E_MAGIC;
    if (!elf_copy(img, 0, hdr, sizeof(*hdr)))
        return ELF_E_TRUNCATED;
    if (hdr->ident[EI_CLASS] != ELFCLASS64 ||
        hdr->ident[EI_DATA] != ELFDATA2LSB ||
        hdr->ident[EI_VERSION] != EV_CURRENT)
        return ELF_E_CLASS;
    img->error_value = hdr->type;
    if (hdr->type != ET_EXEC)
        return ELF_E_TYPE;
    img->error_value = hdr->machine;
    if (hdr->machine != machine)
        return ELF_E_MACHINE;
    img->error_value = hdr->phoff;
    if (hdr->phnum > 0 &&
        (hdr->phentsize != sizeof(struct elf_phdr) ||
         !range_inside(hdr->phoff, hdr->phnum * sizeof(struct elf_phdr),
                       img->file_size)))
        return ELF_E_PHDRS;
    img->entry = hdr->entry;
    return ELF_OK;
}

/* Checks a PT_LOAD on its own. */
static enum elf_error check_load(struct elf_image *img,
                                 const struct elf_phdr *ph)
{
    uint64_t end;

    img->error_value = ph->vaddr;
    if (ph->memsz < ph->filesz || !add_u64(ph->vaddr, ph->memsz, &end) ||
        !add_u64(ph->paddr, ph->memsz, &end))
        return ELF_E_SEGMENT_SIZE;
    if (ph->filesz > 0 && !range_inside(ph->offset, ph->filesz, img->file_size))
        return ELF_E_SEGMENT_FILE;
    return ELF_OK;
}

/* Inserts a checked PT_LOAD, keeping img->segment sorted by paddr. */
static enum elf_error add_segment(struct elf_image *img,
                                  const struct elf_phdr *ph)
{
    struct elf_segment *s = img->segment;
    unsigned i;

    for (i = 0; i < img->nr_segments; i++) {
        img->error_value = MAX(ph->paddr, s[i].paddr);
        if (overlaps(ph->paddr, ph->memsz, s[i].paddr, s[i].memsz))
            return ELF_E_OVERLAP;
        img->error_value = MAX(ph->vaddr, s[i].vaddr);
        if (overlaps(ph->vaddr, ph->memsz, s[i].vaddr, s[i].memsz))
            return ELF_E_OVERLAP;
    }
    for (i = img->nr_segments++; i > 0 && s[i - 1].paddr > ph->paddr; i--)
        s[i] = s[i - 1];
    s[i] = (struct elf_segment){
        .paddr = ph->paddr,
        .vaddr = ph->vaddr,
        .filesz = ph->filesz,
        .memsz = ph->memsz,
        .data = img->file + (ph->filesz > 0 ? ph->offset : 0),
        .r = ph->flags & PF_R,
        .w = ph->flags & PF_W,
        .x = ph->flags & PF_X,
    };
    return ELF_OK;
}

static enum elf_error read_segments(struct elf_image *img,
                                    const struct elf_header *hdr)
{
    enum elf_error e;
    unsigned i, count = 0;

    for (i = 0; i < hdr->phnum; i++) {
        struct elf_phdr ph;

        img->error_value = i;
        if (!elf_copy(img, hdr->phoff + i * sizeof(ph), &ph, sizeof(ph)))
            return ELF_E_PHDRS;
        if (ph.type != PT_LOAD)
            continue;
        e = check_load(img, &ph);
        if (e != ELF_OK)
            return e;
        if (ph.memsz == 0 || count++ >= ELF_MAX_SEGMENTS)
            continue; /* the surplus is counted for the message */
        e = add_segment(img, &ph);
        if (e != ELF_OK)
            return e;
    }
    img->error_value = count;
    if (count > ELF_MAX_SEGMENTS)
        return ELF_E_TOO_MANY;
    return count ? ELF_OK : ELF_E_NO_LOAD;
}

/* Kernels linked high give a physical e_entry: either kind of address will do.
 * Builders go by the notes. */
static bool entry_in_image(const struct elf_image *img)
{
    unsigned i;

    for (i = 0; i < img->nr_segments; i++) {
        const struct elf_segment *s = &img->segment[i];

        if (img->entry - s->vaddr < s->memsz ||
            img->entry - s->paddr < s->memsz)
            return true;
    }
    return false;
}

enum elf_error elf_read(struct elf_image *img, const void *file, size_t size,
                        unsigned machine)
{
    struct elf_header hdr;
    enum elf_error e;

    memset(img, 0, sizeof(*img));
    img->file = file;
    img->file_size = size;

    e = check_header(img, &hdr, machine);
    if (e == ELF_OK)
        e = read_segments(img, &hdr);
    if (e != ELF_OK)
        return e;
    img->error_value = img->entry;
    if (!entry_in_image(img))
        return ELF_E_ENTRY;
    img->error_value = 0;
    return elf_read_notes(img, &hdr);
}
