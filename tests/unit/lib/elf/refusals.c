/* SPDX-License-Identifier: ISC */
/* Every reason for refusal but the notes', each from the sound sample with one
 * thing changed. */
#include "sample.h"
#include <tap.h>

typedef void damage(struct sample *s);

static void cut_to_63(struct sample *s)
{
    sample_cut(s, 63);
}

static void cut_to_0(struct sample *s)
{
    sample_cut(s, 0);
}

static void bad_magic(struct sample *s)
{
    s->file[1] = 'e';
}

static void text_file(struct sample *s)
{
    memcpy(s->file, "#!/bin/sh\n", 10);
    sample_cut(s, 10);
}

static void class_32(struct sample *s)
{
    s->eh->e_ident[EI_CLASS] = ELFCLASS32;
}

static void big_endian(struct sample *s)
{
    s->eh->e_ident[EI_DATA] = ELFDATA2MSB;
}

static void relocatable(struct sample *s)
{
    s->eh->e_type = ET_REL;
}

static void shared_object(struct sample *s)
{
    s->eh->e_type = ET_DYN;
}

static void arm(struct sample *s)
{
    s->eh->e_machine = EM_AARCH64;
}

static void phdrs_outside(struct sample *s)
{
    s->eh->e_phoff = SAMPLE_SIZE - 10;
}

static void phdrs_wrap(struct sample *s)
{
    s->eh->e_phoff = UINT64_MAX - 20;
}

static void phdrs_many(struct sample *s)
{
    s->eh->e_phnum = 0xffff;
}

static void phdr_size(struct sample *s)
{
    s->eh->e_phentsize = 55;
}

static void notes_outside(struct sample *s)
{
    s->ph[2].p_offset = SAMPLE_SIZE;
}

static void no_phdrs(struct sample *s)
{
    s->eh->e_phnum = 0;
}

static void no_load(struct sample *s)
{
    s->ph[0].p_type = s->ph[1].p_type = PT_NULL;
}

static void empty_loads(struct sample *s)
{
    s->ph[0].p_memsz = s->ph[0].p_filesz = 0;
    s->ph[1].p_memsz = s->ph[1].p_filesz = 0;
}

/* Seventeen pages, one behind the other; the headers go over the notes. */
static void seventeen(struct sample *s)
{
    unsigned i;

    for (i = 0; i < ELF_MAX_SEGMENTS + 1; i++)
        s->ph[i] = (Elf64_Phdr){.p_type = PT_LOAD,
                                .p_flags = PF_R,
                                .p_offset = 0x1000,
                                .p_vaddr = TEXT_VA + i * 0x1000ul,
                                .p_paddr = TEXT_VA + i * 0x1000ul,
                                .p_filesz = 0x100,
                                .p_memsz = 0x1000};
    s->eh->e_phnum = ELF_MAX_SEGMENTS + 1;
}

static void bytes_outside(struct sample *s)
{
    s->ph[0].p_offset = SAMPLE_SIZE - 0x7ff;
}

static void bytes_wrap(struct sample *s)
{
    s->ph[0].p_offset = UINT64_MAX - 0x100;
}

static void mem_less_than_file(struct sample *s)
{
    s->ph[0].p_memsz = s->ph[0].p_filesz - 1;
}

static void only_file(struct sample *s)
{
    s->ph[0].p_memsz = 0;
}

static void vaddr_wraps(struct sample *s)
{
    s->ph[1].p_vaddr = UINT64_MAX - 0x1000;
}

static void paddr_wraps(struct sample *s)
{
    s->ph[1].p_memsz = UINT64_MAX;
}

static void overlap(struct sample *s)
{
    s->ph[0].p_memsz = 0x2001;
}

static void overlap_same(struct sample *s)
{
    s->ph[1].p_paddr = s->ph[1].p_vaddr = TEXT_VA;
}

static void overlap_virtual(struct sample *s)
{
    s->ph[1].p_vaddr = TEXT_VA + 0x7ff;
}

static void entry_before(struct sample *s)
{
    s->eh->e_entry = TEXT_VA - 1;
}

static void entry_behind(struct sample *s)
{
    s->eh->e_entry = TEXT_VA + 0x800;
}

static const struct refusal {
    const char *what;
    damage *damage;
    enum elf_error want;
    bool have_value;
    uint64_t value; /* when have_value */
} refusals[] = {
    {"63 bytes", cut_to_63, ELF_E_TRUNCATED, false, 0},
    {"an empty file", cut_to_0, ELF_E_TRUNCATED, false, 0},
    {"wrong magic", bad_magic, ELF_E_MAGIC, false, 0},
    {"a short script", text_file, ELF_E_MAGIC, false, 0},
    {"32 bits", class_32, ELF_E_CLASS, false, 0},
    {"big-endian", big_endian, ELF_E_CLASS, false, 0},
    {"a relocatable file", relocatable, ELF_E_TYPE, true, ET_REL},
    {"a shared object", shared_object, ELF_E_TYPE, true, ET_DYN},
    {"another machine", arm, ELF_E_MACHINE, true, EM_AARCH64},
    {"program headers behind the end", phdrs_outside, ELF_E_PHDRS, false, 0},
    {"program headers that wrap", phdrs_wrap, ELF_E_PHDRS, false, 0},
    {"65,535 program headers", phdrs_many, ELF_E_PHDRS, false, 0},
    {"odd program header size", phdr_size, ELF_E_PHDRS, false, 0},
    {"a note segment outside", notes_outside, ELF_E_PHDRS, true, 2},
    {"no program headers", no_phdrs, ELF_E_NO_LOAD, false, 0},
    {"no PT_LOAD", no_load, ELF_E_NO_LOAD, false, 0},
    {"only empty PT_LOADs", empty_loads, ELF_E_NO_LOAD, false, 0},
    {"17 segments", seventeen, ELF_E_TOO_MANY, true, 17},
    {"bytes beyond the end", bytes_outside, ELF_E_SEGMENT_FILE, true, TEXT_VA},
    {"bytes at a wrapping offset", bytes_wrap, ELF_E_SEGMENT_FILE, true,
     TEXT_VA},
    {"memsz < filesz", mem_less_than_file, ELF_E_SEGMENT_SIZE, true, TEXT_VA},
    {"memsz 0, filesz > 0", only_file, ELF_E_SEGMENT_SIZE, true, TEXT_VA},
    {"a virtual address that wraps", vaddr_wraps, ELF_E_SEGMENT_SIZE, true,
     UINT64_MAX - 0x1000},
    {"a size that wraps", paddr_wraps, ELF_E_SEGMENT_SIZE, true, DATA_VA},
    {"overlap by one byte", overlap, ELF_E_OVERLAP, true, DATA_VA},
    {"two segments at one place", overlap_same, ELF_E_OVERLAP, true, TEXT_VA},
    {"overlap of virtual addresses only", overlap_virtual, ELF_E_OVERLAP, true,
     TEXT_VA + 0x7ff},
    {"entry before the text", entry_before, ELF_E_ENTRY, true, TEXT_VA - 1},
    {"entry behind the text", entry_behind, ELF_E_ENTRY, true, TEXT_VA + 0x800},
};

void test_refusals(void)
{
    struct elf_image img;
    struct sample s;
    size_t i;

    for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct refusal *r = &refusals[i];

        sample_make(&s);
        r->damage(&s);
        is_int(sample_read(&s, &img), r->want, "%s: %s", r->what,
               elf_strerror(r->want));
        if (r->have_value)
            is_int(img.error_value, r->value, "%s: the detail", r->what);
        sample_free(&s);
    }

    sample_make(&s);
    seventeen(&s);
    s.eh->e_phnum = ELF_MAX_SEGMENTS;
    is_int(sample_read(&s, &img), ELF_OK,
           "sixteen are fine (the note is found by its section)");
    is_int(img.nr_segments, ELF_MAX_SEGMENTS, "all sixteen");
    sample_free(&s);
}
