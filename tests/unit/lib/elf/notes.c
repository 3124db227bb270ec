/* SPDX-License-Identifier: ISC */
/* Xen notes: where they are found, which values they take, and which ones are
 * refused. */
#include "sample.h"
#include <tap.h>
#include <xen/elfnote.h>

static struct elf_image img;
static struct sample s;

static void test_values(void)
{
    uint32_t small = 0x1234;

    sample_make(&s);
    sample_note_u64(&s, "Xen", XEN_ELFNOTE_HYPERCALL_PAGE, 0x101000);
    sample_note_u64(&s, "Xen", XEN_ELFNOTE_VIRT_BASE, 0);
    sample_note(&s, "Xen", XEN_ELFNOTE_PADDR_OFFSET, &small, sizeof(small));
    sample_note_u64(&s, "Xen", XEN_ELFNOTE_INIT_P2M, 0xffff000000000000);
    sample_note(&s, "Xen", XEN_ELFNOTE_PHYS32_ENTRY, &small, sizeof(small));
    sample_note_u64(&s, "Xen", XEN_ELFNOTE_MOD_START_PFN, 1);
    sample_note(&s, "Xen", XEN_ELFNOTE_GUEST_OS, "midge", 6);
    sample_note(&s, "Xen", XEN_ELFNOTE_LOADER, "generic", 8);
    sample_note(&s, "Xen", XEN_ELFNOTE_XEN_VERSION, "xen-3.0", 8);
    sample_note(&s, "GNU", 3, "abcdefghijklmnopqrst", 20);
    sample_note(&s, "Xen", XEN_ELFNOTE_FEATURES, "", 1);
    sample_note_u64(&s, "Midge", ELF_NOTE_MIDGE_SHARED_INFO_VA, 0xfd000);
    sample_note_u64(&s, "Midge", 77, 5);

    is_int(sample_read(&s, &img), ELF_OK, "an image with all notes");
    is_int(img.notes.hypercall_page, 0x101000, "hypercall page");
    ok(img.notes.have_virt_base && img.notes.virt_base == 0,
       "a value of 0 is a value");
    is_int(img.notes.paddr_offset, 0x1234, "4-byte numbers are read");
    is_int(img.notes.init_p2m, 0xffff000000000000, "p2m");
    ok(img.notes.have_phys32_entry && img.notes.phys32_entry == 0x1234,
       "PVH entry");
    ok(img.notes.have_mod_start_pfn, "mod_start as pfn");
    is_str(img.notes.guest_os, "midge", "guest OS");
    is_str(img.notes.loader, "generic", "loader");
    is_str(img.notes.xen_version, "xen-3.0", "Xen version");
    ok(img.notes.have_shared_info_va, "our own note");
    is_int(img.notes.shared_info_va, 0xfd000, "and its value");
    sample_free(&s);

    sample_make(&s);
    is_int(sample_read(&s, &img), ELF_OK, "an image with one note");
    ok(!img.notes.have_hypercall_page && !img.notes.have_virt_base &&
           !img.notes.have_paddr_offset && !img.notes.have_init_p2m &&
           !img.notes.have_phys32_entry && !img.notes.have_mod_start_pfn &&
           !img.notes.have_shared_info_va && !img.notes.guest_os,
       "says nothing about the others");
    sample_free(&s);
}

static void test_places(void)
{
    sample_make(&s);
    s.ph[2].p_type = PT_NULL;
    is_int(sample_read(&s, &img), ELF_OK, "notes in a section only");
    ok(img.notes.have_entry, "are found");
    s.ph[2].p_type = PT_NOTE;
    s.sh[1].sh_type = SHT_NULL;
    is_int(sample_read(&s, &img), ELF_OK, "notes in a segment only");
    ok(img.notes.have_entry, "are found");
    s.ph[2].p_type = PT_NULL;
    is_int(sample_read(&s, &img), ELF_E_NO_NOTES, "in neither: no Xen guest");
    s.sh[1].sh_type = SHT_NOTE;
    s.sh[1].sh_offset = SAMPLE_SIZE - 4;
    is_int(sample_read(&s, &img), ELF_E_NO_NOTES,
           "a section outside the file is passed over");
    s.sh[1].sh_offset = NOTES_AT;
    s.eh->e_shentsize = 63;
    is_int(sample_read(&s, &img), ELF_E_NO_NOTES,
           "so are sections of an odd size");
    sample_free(&s);

    sample_make(&s);
    sample_no_notes(&s);
    is_int(sample_read(&s, &img), ELF_E_NO_NOTES, "no notes at all");
    sample_note_u64(&s, "Linux", 1, 5);
    sample_note_u64(&s, "Midge", ELF_NOTE_MIDGE_SHARED_INFO_VA, 0xfd000);
    is_int(sample_read(&s, &img), ELF_E_NO_NOTES, "none of Xen's");
    sample_free(&s);
}

static void refuse(uint32_t type, const char *what)
{
    is_int(sample_read(&s, &img), ELF_E_NOTE, "%s", what);
    is_int(img.error_value, type, "%s: the note's type", what);
    sample_free(&s);
    sample_make(&s);
}

static void test_malformed(void)
{
    uint32_t *h;

    sample_make(&s);
    sample_note(&s, "Xen", XEN_ELFNOTE_VIRT_BASE, "\0\0\0\0\0", 5);
    refuse(XEN_ELFNOTE_VIRT_BASE, "a number of 5 bytes");
    sample_note(&s, "Xen", XEN_ELFNOTE_HYPERCALL_PAGE, "", 0);
    refuse(XEN_ELFNOTE_HYPERCALL_PAGE, "a number of 0 bytes");
    sample_note(&s, "Xen", XEN_ELFNOTE_GUEST_OS, "midge", 5);
    refuse(XEN_ELFNOTE_GUEST_OS, "a text without its NUL");
    sample_note_u64(&s, "Xen", XEN_ELFNOTE_ENTRY, TEXT_VA + 0x24);
    refuse(XEN_ELFNOTE_ENTRY, "two entry points that differ");
    sample_note_u64(&s, "Midge", ELF_NOTE_MIDGE_SHARED_INFO_VA, 1);
    sample_note_u64(&s, "Midge", ELF_NOTE_MIDGE_SHARED_INFO_VA, 2);
    refuse(ELF_NOTE_MIDGE_SHARED_INFO_VA, "two of ours that differ");

    h = (uint32_t *)(void *)(s.file + NOTES_AT);
    h[1] = 12;
    refuse(XEN_ELFNOTE_ENTRY, "a value that overruns the notes");
    h = (uint32_t *)(void *)(s.file + NOTES_AT);
    h[1] = UINT32_MAX;
    refuse(XEN_ELFNOTE_ENTRY, "a value of 4 GiB");

    h = (uint32_t *)(void *)(s.file + NOTES_AT);
    h[0] = UINT32_MAX;
    is_int(sample_read(&s, &img), ELF_E_NO_NOTES,
           "a name of 4 GiB ends the list");
    h[0] = 3;
    is_int(sample_read(&s, &img), ELF_E_NO_NOTES,
           "\"Xen\" without its NUL is another owner");
    sample_free(&s);

    sample_make(&s);
    sample_note_u64(&s, "Xen", XEN_ELFNOTE_ENTRY, TEXT_VA + 0x20);
    is_int(sample_read(&s, &img), ELF_OK, "saying the same twice is fine");
    sample_free(&s);
}

/* Tens of thousands of sections that all name the whole file as notes: the
 * reader must give up early. The test's time limit is the judge. */
static void test_budget(void)
{
    const size_t nr = 60000, at = 0x4000;
    size_t i;
    Elf64_Shdr sh = {.sh_type = SHT_NOTE};

    sample_make(&s);
    s.file = realloc(s.file, at + nr * sizeof(sh));
    if (!s.file)
        abort();
    memset(s.file + 0x400, 0, 0x4000 - 0x400);
    s.size = at + nr * sizeof(sh);
    s.eh = (Elf64_Ehdr *)(void *)s.file;
    s.eh->e_shoff = at;
    s.eh->e_shnum = (Elf64_Half)nr;
    sh.sh_offset = 0x400;
    sh.sh_size = s.size - 0x400;
    for (i = 0; i < nr; i++)
        memcpy(s.file + at + i * sizeof(sh), &sh, sizeof(sh));
    is_int(sample_read(&s, &img), ELF_E_NO_NOTES,
           "60,000 sections full of empty notes are read in no time");
    sample_free(&s);
}

void test_notes(void)
{
    test_values();
    test_places();
    test_malformed();
    test_budget();
}
