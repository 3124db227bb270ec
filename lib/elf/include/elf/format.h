/* SPDX-License-Identifier: ISC */
/*
 * The ELF-64 structures and numbers that are read and written here (System V gABI,
 * chapters 4 and 5), little-endian. A file need not be aligned: they are copied
 * out of it and into it.
 */
#ifndef ELF_FORMAT_H
#define ELF_FORMAT_H

#include <stdint.h>

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
_Static_assert(sizeof(struct elf_header) == 64, "gABI figure 4-3");

struct elf_phdr {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
_Static_assert(sizeof(struct elf_phdr) == 56, "gABI figure 5-1");

struct elf_shdr {
    uint32_t name, type;
    uint64_t flags, addr, offset, size;
    uint32_t link, info;
    uint64_t addralign, entsize;
};
_Static_assert(sizeof(struct elf_shdr) == 64, "gABI figure 4-8");

struct elf_sym {
    uint32_t name;
    uint8_t info, other;
    uint16_t shndx;
    uint64_t value, size;
};
_Static_assert(sizeof(struct elf_sym) == 24, "gABI figure 4-16");

struct elf_nhdr {
    uint32_t namesz, descsz, type;
};

enum {
    EI_CLASS = 4,
    EI_DATA = 5,
    EI_VERSION = 6,
    ELFCLASS64 = 2,
    ELFDATA2LSB = 1,
    EV_CURRENT = 1,
    ET_EXEC = 2,
    ET_CORE = 4,
    EM_X86_64 = 62,
    PT_LOAD = 1,
    PT_NOTE = 4,
    PF_X = 1,
    PF_W = 2,
    PF_R = 4,
    SHT_SYMTAB = 2,
    SHT_NOTE = 7,
    SHN_UNDEF = 0,
    SHN_ABS = 0xfff1,
    STT_NOTYPE = 0,
    STT_FUNC = 2,
};

#endif /* ELF_FORMAT_H */
