/* SPDX-License-Identifier: ISC */
/* The sample image (sample.h). */
#include "sample.h"
#include <xen/elfnote.h>

static void make_headers(struct sample *s)
{
    memcpy(s->eh->e_ident, ELFMAG, SELFMAG);
    s->eh->e_ident[EI_CLASS] = ELFCLASS64;
    s->eh->e_ident[EI_DATA] = ELFDATA2LSB;
    s->eh->e_ident[EI_VERSION] = EV_CURRENT;
    s->eh->e_type = ET_EXEC;
    s->eh->e_machine = EM_X86_64;
    s->eh->e_version = EV_CURRENT;
    s->eh->e_entry = TEXT_VA + 0x10;
    s->eh->e_phoff = sizeof(Elf64_Ehdr);
    s->eh->e_shoff = 0x3c00;
    s->eh->e_ehsize = sizeof(Elf64_Ehdr);
    s->eh->e_phentsize = sizeof(Elf64_Phdr);
    s->eh->e_phnum = SAMPLE_PHDRS;
    s->eh->e_shentsize = sizeof(Elf64_Shdr);
    s->eh->e_shnum = SAMPLE_SHDRS;

    s->ph[0] = (Elf64_Phdr){.p_type = PT_LOAD,
                            .p_flags = PF_R | PF_X,
                            .p_offset = 0x1000,
                            .p_vaddr = TEXT_VA,
                            .p_paddr = TEXT_VA,
                            .p_filesz = 0x800,
                            .p_memsz = 0x800};
    s->ph[1] = (Elf64_Phdr){.p_type = PT_LOAD,
                            .p_flags = PF_R | PF_W,
                            .p_offset = 0x2000,
                            .p_vaddr = DATA_VA,
                            .p_paddr = DATA_VA,
                            .p_filesz = 0x100,
                            .p_memsz = 0x3000};
    s->ph[2] = (Elf64_Phdr){.p_type = PT_NOTE, .p_offset = NOTES_AT};

    s->sh[1] = (Elf64_Shdr){.sh_type = SHT_NOTE, .sh_offset = NOTES_AT};
    s->sh[2] = (Elf64_Shdr){.sh_type = SHT_SYMTAB,
                            .sh_offset = SYMS_AT,
                            .sh_link = 3,
                            .sh_entsize = sizeof(Elf64_Sym)};
    s->sh[3] = (Elf64_Shdr){.sh_type = SHT_STRTAB, .sh_offset = NAMES_AT};
}

void sample_make(struct sample *s)
{
    memset(s, 0, sizeof(*s));
    s->size = SAMPLE_SIZE;
    s->file = calloc(1, s->size);
    if (!s->file)
        abort();
    s->eh = (Elf64_Ehdr *)(void *)s->file;
    s->ph = (Elf64_Phdr *)(void *)(s->file + sizeof(Elf64_Ehdr));
    s->sh = (Elf64_Shdr *)(void *)(s->file + 0x3c00);
    make_headers(s);
    s->names_used = 1; /* the empty name */
    sample_symbol(s, "", STT_NOTYPE, 0, 0);
    sample_note_u64(s, "Xen", XEN_ELFNOTE_ENTRY, TEXT_VA + 0x20);
}

void sample_free(struct sample *s)
{
    free(s->file);
    s->file = NULL;
}

void sample_cut(struct sample *s, size_t size)
{
    uint8_t *file = malloc(size ? size : 1);

    if (!file)
        abort();
    memcpy(file, s->file, size);
    free(s->file);
    s->file = file;
    s->size = size;
}

void sample_note(struct sample *s, const char *owner, uint32_t type,
                 const void *desc, size_t len)
{
    uint8_t *p = s->file + NOTES_AT + s->notes_used;
    uint32_t namesz = (uint32_t)strlen(owner) + 1;
    uint32_t h[3] = {namesz, (uint32_t)len, type};
    size_t total = sizeof(h) + ((namesz + 3u) & ~3u) + ((len + 3) & ~3ul);

    if (s->notes_used + total > NOTES_MAX)
        abort();
    memcpy(p, h, sizeof(h));
    memcpy(p + sizeof(h), owner, namesz);
    memcpy(p + sizeof(h) + ((namesz + 3u) & ~3u), desc, len);
    s->notes_used += total;
    s->ph[2].p_filesz = s->ph[2].p_memsz = s->notes_used;
    s->sh[1].sh_size = s->notes_used;
}

void sample_note_u64(struct sample *s, const char *owner, uint32_t type,
                     uint64_t v)
{
    sample_note(s, owner, type, &v, sizeof(v));
}

void sample_no_notes(struct sample *s)
{
    memset(s->file + NOTES_AT, 0, NOTES_MAX);
    s->notes_used = 0;
    s->ph[2].p_filesz = s->ph[2].p_memsz = 0;
    s->sh[1].sh_size = 0;
}

void sample_symbol(struct sample *s, const char *name, unsigned type,
                   uint64_t value, uint64_t size)
{
    Elf64_Sym *sym = (Elf64_Sym *)(void *)(s->file + SYMS_AT) + s->nr_syms++;
    size_t len = strlen(name) + 1;

    memset(sym, 0, sizeof(*sym));
    sym->st_info = (unsigned char)ELF64_ST_INFO(STB_GLOBAL, type);
    sym->st_value = value;
    sym->st_size = size;
    sym->st_shndx = s->nr_syms == 1 ? SHN_UNDEF : 1;
    if (len > 1) {
        sym->st_name = (Elf64_Word)s->names_used;
        memcpy(s->file + NAMES_AT + s->names_used, name, len);
        s->names_used += len;
    }
    s->sh[2].sh_size = s->nr_syms * sizeof(Elf64_Sym);
    s->sh[3].sh_size = s->names_used;
}

enum elf_error sample_read(const struct sample *s, struct elf_image *img)
{
    return elf_read(img, s->file, s->size, ELF_MACHINE_X86_64);
}
