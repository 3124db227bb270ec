/* SPDX-License-Identifier: ISC */
/* Looking up symbols, by address and by name, in sound and damaged tables. */
#include "sample.h"
#include <base/compiler.h>
#include <tap.h>

static struct elf_image img;
static struct sample s;
static uint32_t order[64];

/* By the index and without it; both have to say the same. */
static const char *at(uint64_t addr)
{
    static struct elf_symbol sym, sym2;
    bool found;

    img.index.order = NULL;
    found = elf_find_symbol(&img, addr, &sym);
    if (elf_nr_symbols(&img) > ARRAY_SIZE(order))
        return "(too many)";
    elf_index_symbols(&img, order, ARRAY_SIZE(order));
    if (elf_find_symbol(&img, addr, &sym2) != found ||
        (found && sym.name != sym2.name))
        return "(the index says otherwise)";
    return found ? sym.name : "(none)";
}

static void make(void)
{
    sample_make(&s);
    sample_symbol(&s, "second", STT_FUNC, TEXT_VA + 0x100, 0x80);
    sample_symbol(&s, "first", STT_FUNC, TEXT_VA, 0x40);
    sample_symbol(&s, "asm_label", STT_NOTYPE, TEXT_VA + 0x400, 0);
    sample_symbol(&s, "alias", STT_NOTYPE, TEXT_VA + 0x500, 0);
    sample_symbol(&s, "third", STT_FUNC, TEXT_VA + 0x500, 0x10);
    sample_symbol(&s, "variable", STT_OBJECT, TEXT_VA + 0x600, 0x100);
    sample_symbol(&s, "data_label", STT_NOTYPE, DATA_VA, 0);
    is_int(sample_read(&s, &img), ELF_OK, "an image with symbols");
}

static void test_by_address(void)
{
    struct elf_symbol sym;

    make();
    is_str(at(TEXT_VA), "first", "first byte of a function");
    is_str(at(TEXT_VA + 0x3f), "first", "last byte");
    is_str(at(TEXT_VA + 0x40), "(none)", "behind it is nothing");
    is_str(at(TEXT_VA + 0xff), "(none)", "before the next one as well");
    is_str(at(TEXT_VA + 0x17f), "second", "the table need not be sorted");
    is_str(at(TEXT_VA + 0x4ff), "asm_label", "a label reaches to the next");
    is_str(at(TEXT_VA + 0x505), "third", "a function beats a label");
    is_str(at(TEXT_VA + 0x610), "(none)", "variables are not functions");
    is_str(at(TEXT_VA - 1), "(none)", "before the image");
    is_str(at(TEXT_VA + 0x800), "(none)", "behind the segment");
    is_str(at(DATA_VA + 0x10), "data_label", "a label in its own segment");
    is_str(at(UINT64_MAX), "(none)", "the highest address");
    ok(elf_find_symbol(&img, TEXT_VA + 0x120, &sym), "found");
    is_int(sym.value, TEXT_VA + 0x100, "its value");
    is_int(sym.size, 0x80, "its size");
    sample_free(&s);
}

/* Many symbols at few addresses, in a disorder that is always the same. */
static void test_index(void)
{
    char names[40][8];
    unsigned i, x = 1, wrong = 0;
    uint64_t a;

    sample_make(&s);
    for (i = 0; i < ARRAY_SIZE(names); i++) {
        x = x * 1664525 + 1013904223;
        snprintf(names[i], sizeof(names[i]), "n%u", i);
        sample_symbol(&s, names[i], x >> 28 & 1 ? STT_FUNC : STT_NOTYPE,
                      TEXT_VA + (x >> 20 & 15) * 16ul, x >> 24 & 3 ? 0 : 8);
    }
    is_int(sample_read(&s, &img), ELF_OK, "an image with many symbols");
    is_int(elf_nr_symbols(&img), ARRAY_SIZE(names) + 1, "so many");
    for (a = TEXT_VA - 1; a < TEXT_VA + 0x120; a++)
        wrong += !strcmp(at(a), "(the index says otherwise)");
    is_int(wrong, 0, "the index finds what a search finds");
    elf_index_symbols(&img, order, 5);
    is_int(img.index.nr, 0, "an index that has not room for all is empty");
    sample_free(&s);
}

static void test_by_name(void)
{
    struct elf_symbol sym;

    make();
    ok(elf_symbol_by_name(&img, "variable", &sym), "any type has a name");
    is_int(sym.value, TEXT_VA + 0x600, "and a value");
    ok(!elf_symbol_by_name(&img, "vari", &sym), "a prefix is not a name");
    ok(!elf_symbol_by_name(&img, "", &sym), "nor is nothing");
    ok(!elf_symbol_by_name(&img, "nowhere", &sym), "unknown");
    sample_free(&s);
}

static void test_wrapping_size(void)
{
    sample_make(&s);
    sample_symbol(&s, "huge", STT_FUNC, TEXT_VA + 1, UINT64_MAX);
    is_int(sample_read(&s, &img), ELF_OK, "a function of 2^64 bytes");
    is_str(at(TEXT_VA + 5), "huge", "covers what follows it");
    is_str(at(TEXT_VA), "(none)", "and does not wrap");
    sample_free(&s);
}

/* What each damage does to a table in which "first" could be found. */
static void lost(const char *what)
{
    is_int(sample_read(&s, &img), ELF_OK, "%s: still an image", what);
    is_str(at(TEXT_VA), "(none)", "%s: no symbol", what);
    sample_free(&s);
    make();
}

static void test_damaged(void)
{
    make();
    s.sh[2].sh_offset = SAMPLE_SIZE - 8;
    lost("table outside the file");
    s.sh[2].sh_size = UINT64_MAX;
    lost("table of 2^64 bytes");
    s.sh[2].sh_entsize = 16;
    lost("odd entry size");
    s.sh[2].sh_entsize = 0;
    lost("entry size 0");
    s.sh[2].sh_link = 99;
    lost("no such string table");
    s.sh[3].sh_offset = UINT64_MAX;
    lost("string table outside");
    s.sh[3].sh_size = 0;
    lost("empty string table");
    s.sh[3].sh_size--;
    lost("string table without its last NUL");
    s.eh->e_shoff = UINT64_MAX - 8;
    lost("section headers that wrap");
    s.eh->e_shoff = 0;
    lost("no section headers");
    ((Elf64_Sym *)(void *)(s.file + SYMS_AT))[2].st_name = UINT32_MAX;
    lost("a name outside");
    ((Elf64_Sym *)(void *)(s.file + SYMS_AT))[2].st_shndx = SHN_UNDEF;
    lost("an undefined symbol");
    ((Elf64_Sym *)(void *)(s.file + SYMS_AT))[2].st_shndx = SHN_ABS;
    lost("an absolute number");
    sample_free(&s);
}

void test_symbols(void)
{
    test_by_address();
    test_index();
    test_by_name();
    test_wrapping_size();
    test_damaged();
}
