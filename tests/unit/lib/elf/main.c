/* SPDX-License-Identifier: ISC */
/* lib/elf against images of our own making: what is read out of a sound one
 * here; refusals, notes and symbols in the other files. */
#include "sample.h"
#include <base/compiler.h>
#include <tap.h>

static void test_sound(void)
{
    struct elf_image img;
    struct sample s;

    sample_make(&s);
    is_int(sample_read(&s, &img), ELF_OK, "the sample is accepted");
    is_int(img.entry, TEXT_VA + 0x10, "e_entry");
    is_int(img.nr_segments, 2, "two segments");
    is_int(img.segment[0].vaddr, TEXT_VA, "text's address");
    ok(img.segment[0].r && !img.segment[0].w && img.segment[0].x, "text is RX");
    ok(img.segment[0].data == s.file + 0x1000, "its bytes are in the file");
    is_int(img.segment[1].paddr, DATA_VA, "data's address");
    is_int(img.segment[1].filesz, 0x100, "its size in the file");
    is_int(img.segment[1].memsz, 0x3000, "its size in memory");
    ok(img.segment[1].r && img.segment[1].w && !img.segment[1].x, "data is RW");
    ok(img.notes.have_entry, "the note is found");
    is_int(img.notes.entry, TEXT_VA + 0x20, "and its value");
    is_int(img.error_value, 0, "no detail of an error");
    sample_free(&s);
}

static void test_order(void)
{
    struct elf_image img;
    struct sample s;
    Elf64_Phdr t;

    sample_make(&s);
    t = s.ph[0];
    s.ph[0] = s.ph[1];
    s.ph[1] = t;
    is_int(sample_read(&s, &img), ELF_OK, "segments may be in any order");
    is_int(img.segment[0].vaddr, TEXT_VA, "they come out sorted");
    is_int(img.segment[1].vaddr, DATA_VA, "by address");

    s.ph[0].p_memsz = s.ph[0].p_filesz = 0;
    is_int(sample_read(&s, &img), ELF_OK, "an empty segment does no harm");
    is_int(img.nr_segments, 1, "and is left out");

    s.ph[0].p_memsz = 0x1000;
    s.ph[0].p_offset = UINT64_MAX;
    is_int(sample_read(&s, &img), ELF_OK,
           "where a segment without bytes has them does not matter");
    sample_free(&s);
}

/* Every prefix of the file is refused or read, never overrun (ASan looks). */
static void test_prefixes(void)
{
    struct elf_image img;
    struct elf_symbol sym;
    size_t size, accepted = 0;
    int agree = 1;

    for (size = 0; size < SAMPLE_SIZE; size += size < 0x500 ? 1 : 61) {
        struct sample s;

        sample_make(&s);
        sample_symbol(&s, "start", STT_FUNC, TEXT_VA, 0x40);
        sample_cut(&s, size);
        if (sample_read(&s, &img) == ELF_OK) {
            accepted++;
            agree &= elf_find_symbol(&img, TEXT_VA + 1, &sym) ==
                     (size >= 0x3c00 + SAMPLE_SHDRS * sizeof(Elf64_Shdr));
        }
        sample_free(&s);
    }
    ok(accepted > 0, "without its section headers the image is still good");
    ok(agree, "and has symbols exactly when all of those are there");
}

/* Flips of single bytes anywhere in the headers, tables and notes. */
static void test_flips(void)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    struct elf_image img;
    struct elf_symbol sym;
    size_t at, v, accepted = 0, total = 0;
    uint32_t order[64];

    for (at = 0; at < SAMPLE_SIZE; at++) {
        if ((at >= 0x440 && at < SYMS_AT) || (at >= 0x3100 && at < 0x3800) ||
            (at >= 0x3820 && at < 0x3c00))
            continue;
        for (v = 0; v < sizeof(values); v++) {
            struct sample s;

            sample_make(&s);
            sample_symbol(&s, "start", STT_FUNC, TEXT_VA, 0x40);
            s.file[at] = values[v];
            total++;
            if (sample_read(&s, &img) == ELF_OK) {
                accepted++;
                (void)elf_find_symbol(&img, TEXT_VA + 1, &sym);
                elf_index_symbols(&img, order, ARRAY_SIZE(order));
                (void)elf_find_symbol(&img, TEXT_VA + 1, &sym);
                (void)elf_symbol_by_name(&img, "nowhere", &sym);
            }
            sample_free(&s);
        }
    }
    ok(accepted > 0 && accepted < total, "%zu of %zu flips were refused",
       total - accepted, total);
}

static void test_strerror(void)
{
    int e, k, distinct = 1, present = 1;

    for (e = ELF_OK; e <= ELF_E_NOTE; e++) {
        const char *text = elf_strerror((enum elf_error)e);

        present &= text && text[0] && text[strlen(text) - 1] != '.';
        for (k = ELF_OK; k < e && text; k++)
            distinct &= strcmp(elf_strerror((enum elf_error)k), text) != 0;
    }
    ok(present, "every reason has a clause without a full stop");
    ok(distinct, "each its own");
    ok(elf_strerror((enum elf_error)9999), "an unknown one has one too");
}

int main(void)
{
    test_sound();
    test_order();
    test_refusals();
    test_notes();
    test_symbols();
    test_prefixes();
    test_flips();
    test_strerror();
    return tap_done();
}
