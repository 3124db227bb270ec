/* SPDX-License-Identifier: ISC */
/*
 * Symbols of an image, for backtraces. Works on the file each time, or by an
 * index into it; a damaged table must only lose the names.
 */
#include <elf/elf.h>
#include <base/arith.h>
#include <base/string.h>
#include "reader.h"

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

/* Whether (s) can be a name for code. */
static bool names_code(const struct elf_sym *s)
{
    unsigned type = s->info & 0xf;

    return (type == STT_FUNC || type == STT_NOTYPE) && s->shndx != SHN_ABS;
}

/* Among symbols of one address a function is a better name than a label. */
static bool better(const struct elf_sym *a, const struct elf_sym *b)
{
    if (a->value != b->value)
        return a->value > b->value;
    return (a->info & 0xf) == STT_FUNC && (b->info & 0xf) != STT_FUNC;
}

/* The best symbol at or before (addr), by looking at all of them. */
static bool search(const struct elf_image *img, uint64_t addr,
                   struct symtab *st, struct elf_sym *best)
{
    bool found = false;
    struct elf_sym s;
    uint64_t i;

    if (!find_table(img, st))
        return false;
    for (i = 0; i < st->nr; i++) {
        if (!get_symbol(st, i, &s) || !names_code(&s) || s.value > addr)
            continue;
        if (!found || better(&s, best))
            *best = s;
        found = true;
    }
    return found;
}

/* The same by the index: the last one there that does not lie behind (addr). */
static bool look_up(const struct elf_image *img, uint64_t addr,
                    struct symtab *st, struct elf_sym *best)
{
    const struct elf_symbol_index *x = &img->index;
    uint32_t low = 0, high = x->nr;
    struct elf_sym s;

    *st = (struct symtab){.img = img,
                          .offset = x->offset,
                          .names = x->names,
                          .names_size = x->names_size};
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        (void)get_symbol(st, x->order[mid], &s); /* indexed: it is sound */
        if (s.value > addr)
            high = mid;
        else
            low = mid + 1;
    }
    return low > 0 && get_symbol(st, x->order[low - 1], best);
}

bool elf_find_symbol(const struct elf_image *img, uint64_t addr,
                     struct elf_symbol *sym)
{
    const struct elf_segment *seg = segment_of(img, addr);
    struct symtab st;
    struct elf_sym best;
    bool found = false;

    if (seg)
        found = img->index.order ? look_up(img, addr, &st, &best)
                                 : search(img, addr, &st, &best);
    /* The nearest one decides, if it is in addr's segment: behind its end lies
     * padding, not an earlier symbol. One without a size reaches to the next,
     * or to the segment's end. */
    if (!found || best.value < seg->vaddr ||
        (best.size && addr - best.value >= best.size))
        return false;
    publish(&st, &best, sym);
    return true;
}

uint64_t elf_nr_symbols(const struct elf_image *img)
{
    struct symtab st;

    return find_table(img, &st) ? st.nr : 0;
}

/* Whether symbol (a) comes before (b) in an index: the better one later, of
 * equals the first in the table. */
static bool comes_before(const struct symtab *st, uint32_t a, uint32_t b)
{
    struct elf_sym sa, sb;

    (void)get_symbol(st, a, &sa); /* both have been looked at before */
    (void)get_symbol(st, b, &sb);
    if (better(&sb, &sa))
        return true;
    return !better(&sa, &sb) && a > b;
}

/* Heapsort: moves order[at] down to its place among order[0 .. nr). */
static void sift(const struct symtab *st, uint32_t *order, uint32_t at,
                 uint32_t nr)
{
    uint32_t value = order[at], child;

    for (; (child = 2 * at + 1) < nr; at = child) {
        if (child + 1 < nr && comes_before(st, order[child], order[child + 1]))
            child++;
        if (!comes_before(st, value, order[child]))
            break;
        order[at] = order[child];
    }
    order[at] = value;
}

void elf_index_symbols(struct elf_image *img, uint32_t *order, uint64_t room)
{
    struct elf_symbol_index *x = &img->index;
    struct elf_sym s;
    struct symtab st;
    uint32_t i, nr = 0, top;

    *x = (struct elf_symbol_index){.order = order};
    if (!find_table(img, &st) || st.nr > room || st.nr > UINT32_MAX / 4)
        return;
    for (i = 0; i < st.nr; i++)
        if (get_symbol(&st, i, &s) && names_code(&s))
            order[nr++] = i;
    for (i = nr / 2; i-- > 0;)
        sift(&st, order, i, nr);
    for (i = nr; i-- > 1;) {
        top = order[0];
        order[0] = order[i];
        order[i] = top;
        sift(&st, order, 0, i);
    }
    x->nr = nr;
    x->offset = st.offset;
    x->names = st.names;
    x->names_size = st.names_size;
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
