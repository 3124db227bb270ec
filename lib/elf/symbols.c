/* SPDX-License-Identifier: ISC */
/*
 * Symbols of an image, for backtraces. Works on the file each time: it is used
 * when a guest has died, and a damaged table must only lose the names.
 */
#include <elf/elf.h>
#include <base/arith.h>
#include <base/string.h>
#include "format.h"

struct symtab {
    const struct elf_image *img;
    uint64_t offset, nr; /* of struct elf_sym, all inside the file */
    const char *names;   /* ends with a NUL */
    uint64_t names_size;
};

static bool open_table(const struct elf_image *img,
                       const struct elf_header *hdr, const struct elf_shdr *tab,
                       struct symtab *st)
{
    struct elf_shdr str;

    if (tab->entsize != sizeof(struct elf_sym) ||
        !range_inside(tab->offset, tab->size, img->file_size) ||
        !elf_section(img, hdr, tab->link, &str) || str.size == 0 ||
        !range_inside(str.offset, str.size, img->file_size))
        return false;
    st->img = img;
    st->offset = tab->offset;
    st->nr = tab->size / sizeof(struct elf_sym);
    st->names = (const char *)img->file + str.offset;
    st->names_size = str.size;
    /* So every name that starts inside the table ends inside it. */
    return st->names[str.size - 1] == 0;
}

static bool find_table(const struct elf_image *img, struct symtab *st)
{
    struct elf_header hdr;
    struct elf_shdr sh;
    unsigned i;

    if (!elf_copy(img, 0, &hdr, sizeof(hdr)))
        return false;
    for (i = 0; i < hdr.shnum; i++)
        if (elf_section(img, &hdr, i, &sh) && sh.type == SHT_SYMTAB)
            return open_table(img, &hdr, &sh, st);
    return false;
}

/* Symbol (i) of the table; false when it is undefined or has no name. */
static bool get_symbol(const struct symtab *st, uint64_t i, struct elf_sym *s)
{
    memcpy(s, st->img->file + st->offset + i * sizeof(*s), sizeof(*s));
    return s->shndx != SHN_UNDEF && s->name < st->names_size &&
           st->names[s->name] != 0;
}

static void publish(const struct symtab *st, const struct elf_sym *s,
                    struct elf_symbol *sym)
{
    sym->name = st->names + s->name;
    sym->value = s->value;
    sym->size = s->size;
}

static const struct elf_segment *segment_of(const struct elf_image *img,
                                            uint64_t addr)
{
    unsigned i;

    for (i = 0; i < img->nr_segments; i++)
        if (addr - img->segment[i].vaddr < img->segment[i].memsz)
            return &img->segment[i];
    return NULL;
}

/* Whether (s) is a name for code at or before (addr), in its segment (seg). */
static bool precedes(const struct elf_sym *s, uint64_t addr,
                     const struct elf_segment *seg)
{
    unsigned type = s->info & 0xf;

    return (type == STT_FUNC || type == STT_NOTYPE) && s->shndx != SHN_ABS &&
           s->value <= addr && s->value >= seg->vaddr;
}

/* Among symbols of one address a function is a better name than a label. */
static bool better(const struct elf_sym *a, const struct elf_sym *b)
{
    if (a->value != b->value)
        return a->value > b->value;
    return (a->info & 0xf) == STT_FUNC && (b->info & 0xf) != STT_FUNC;
}

bool elf_find_symbol(const struct elf_image *img, uint64_t addr,
                     struct elf_symbol *sym)
{
    const struct elf_segment *seg = segment_of(img, addr);
    struct symtab st;
    struct elf_sym s, best = {0};
    bool found = false;
    uint64_t i;

    if (!seg || !find_table(img, &st))
        return false;
    for (i = 0; i < st.nr; i++) {
        if (!get_symbol(&st, i, &s) || !precedes(&s, addr, seg))
            continue;
        if (!found || better(&s, &best))
            best = s;
        found = true;
    }
    /* The nearest one decides: behind its end lies padding, not an earlier
     * symbol. One without a size reaches to the next, or to the segment's end. */
    if (!found || (best.size && addr - best.value >= best.size))
        return false;
    publish(&st, &best, sym);
    return true;
}

bool elf_symbol_by_name(const struct elf_image *img, const char *name,
                        struct elf_symbol *sym)
{
    struct symtab st;
    struct elf_sym s;
    uint64_t i;

    if (!find_table(img, &st))
        return false;
    for (i = 0; i < st.nr; i++) {
        if (get_symbol(&st, i, &s) && !strcmp(st.names + s.name, name)) {
            publish(&st, &s, sym);
            return true;
        }
    }
    return false;
}
