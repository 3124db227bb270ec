/* SPDX-License-Identifier: ISC */
/* The sample image (sample.h): text, read-only data, data with bss, a stack,
 * with guard pages before the last two. */
#include "sample.h"
#include <stdlib.h>
#include <string.h>

static const uint8_t text[0x2100] = {0x90, 0x91, 0x92};
static const uint8_t rodata[0x800] = {'r', 'o'};
static const uint8_t data[0x1234] = {'d', 'a', 't', 'a'};

static struct elf_segment seg(uint64_t va, const uint8_t *bytes, size_t filesz,
                              size_t memsz, const char *prot)
{
    struct elf_segment s = {
        .paddr = va,
        .vaddr = va,
        .filesz = filesz,
        .memsz = memsz,
        .data = bytes,
        .r = strchr(prot, 'r'),
        .w = strchr(prot, 'w'),
        .x = strchr(prot, 'x'),
    };

    return s;
}

void sample_make(struct sample *s)
{
    memset(s, 0, sizeof(*s));
    s->img.nr_segments = 4;
    s->img.segment[0] = seg(TEXT_VA, text, sizeof(text), sizeof(text), "rx");
    s->img.segment[1] =
        seg(RODATA_VA, rodata, sizeof(rodata), sizeof(rodata), "r");
    s->img.segment[2] = seg(DATA_VA, data, sizeof(data), 0x3000, "rw");
    s->img.segment[3] = seg(STACK_VA, data, 0, 0x2000, "rw");
    s->img.entry = TEXT_VA;
    s->img.notes.have_entry = true;
    s->img.notes.entry = TEXT_VA + 0x10;
    s->img.notes.have_hypercall_page = true;
    s->img.notes.hypercall_page = TEXT_VA + 0x1000;
    s->p = (struct pv_params){
        .image = &s->img,
        .nr_pages = NR_PAGES,
        .max_pages = MAX_PAGES,
        .hypercall_entry = 0x1122334455667788,
        .iret_entry = 0x99aabbccddeeff00,
    };
}

enum pv_error sample_plan(struct sample *s)
{
    s->p.image = &s->img;
    s->value = 0xdead;
    return pv_plan(&s->p, &s->l, &s->value);
}

void sample_build(struct sample *s)
{
    if (sample_plan(s) != PV_OK)
        abort();
    s->mem = calloc(1, pv_boot_size(&s->l));
    if (!s->mem)
        abort();
    pv_fill(&s->p, &s->l, s->mem);
}

void sample_free(struct sample *s)
{
    free(s->mem);
    s->mem = NULL;
}

void *sample_frame(const struct sample *s, uint64_t frame)
{
    if (frame < s->l.image_first || frame >= s->l.boot_end)
        abort();
    return s->mem + (frame - s->l.image_first) * PORTAL_PAGE_SIZE;
}
