/* SPDX-License-Identifier: ISC */
/*
 * Reader of ELF64 images and of the Xen notes in them. Works on a file held in
 * memory that an attacker may have written: every offset, size and count is
 * checked against the file before use. Copies nothing, allocates nothing: the
 * results borrow the caller's buffer, which must stay unchanged while they are
 * in use.
 *
 * Sources: System V gABI (ELF-64 object format); xen/include/public/elfnote.h.
 */
#ifndef ELF_ELF_H
#define ELF_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_MAX_SEGMENTS 16

/* e_machine values we know by name. */
#define ELF_MACHINE_X86_64  62
#define ELF_MACHINE_AARCH64 183

/* Why an image was refused. elf_strerror() has one clear clause for each. */
enum elf_error {
    ELF_OK = 0,
    ELF_E_TRUNCATED,    /* shorter than an ELF header                    */
    ELF_E_MAGIC,        /* not an ELF file                               */
    ELF_E_CLASS,        /* not ELF64 little-endian                       */
    ELF_E_TYPE,         /* not an executable (ET_EXEC)                   */
    ELF_E_MACHINE,      /* not the machine asked for; (value) = e_machine*/
    ELF_E_PHDRS,        /* program headers outside the file or malformed */
    ELF_E_NO_LOAD,      /* nothing to load                               */
    ELF_E_TOO_MANY,     /* more than ELF_MAX_SEGMENTS; (value) = count   */
    ELF_E_SEGMENT_FILE, /* a segment's bytes lie outside the file        */
    ELF_E_SEGMENT_SIZE, /* p_memsz < p_filesz, or address wraps          */
    ELF_E_OVERLAP,      /* two segments overlap; (value) = address       */
    ELF_E_ENTRY,        /* entry point in no segment; (value) = address  */
    ELF_E_NO_NOTES,     /* no Xen notes: not a Xen guest                 */
    ELF_E_NOTE,         /* a Xen note is malformed; (value) = note type  */
};

struct elf_segment {
    uint64_t paddr, vaddr;  /* p_paddr, p_vaddr                           */
    uint64_t filesz, memsz; /* filesz <= memsz                            */
    const uint8_t *data;    /* filesz bytes, borrowed                     */
    bool r, w, x;
};

/* The Xen notes that matter to a builder. A note not present has its
 * have_* false and its value 0. */
struct elf_xen_notes {
    bool have_entry, have_hypercall_page, have_virt_base, have_paddr_offset,
        have_init_p2m, have_phys32_entry, have_mod_start_pfn,
        have_shared_info_va;
    uint64_t entry;          /* XEN_ELFNOTE_ENTRY                          */
    uint64_t hypercall_page; /* XEN_ELFNOTE_HYPERCALL_PAGE                 */
    uint64_t virt_base;      /* XEN_ELFNOTE_VIRT_BASE                      */
    uint64_t paddr_offset;   /* XEN_ELFNOTE_PADDR_OFFSET                   */
    uint64_t init_p2m;       /* XEN_ELFNOTE_INIT_P2M                       */
    uint64_t phys32_entry;   /* XEN_ELFNOTE_PHYS32_ENTRY                   */
    uint64_t mod_start_pfn;  /* XEN_ELFNOTE_MOD_START_PFN                  */
    /* Note of owner "Midge", type 1: where the guest would like the builder
     * to map shared_info; honoured or ignored, the guest looks. */
    uint64_t shared_info_va;
    const char *guest_os;    /* NUL-terminated inside the file, or NULL    */
    const char *loader;      /* the same                                   */
    const char *xen_version; /* the same                                   */
};
#define ELF_NOTE_MIDGE_SHARED_INFO_VA 1

/* An image's symbol table in order of address: elf_index_symbols(). */
struct elf_symbol_index {
    const uint32_t *order; /* borrowed; NULL = there is no index           */
    uint32_t nr;
    uint64_t offset; /* of the table in the file                           */
    const char *names;
    uint64_t names_size;
};

struct elf_image {
    const uint8_t *file;
    size_t file_size;
    uint64_t entry;       /* e_entry                               */
    unsigned nr_segments; /* PT_LOADs with memsz > 0, by paddr     */
    struct elf_segment segment[ELF_MAX_SEGMENTS];
    struct elf_xen_notes notes;
    uint64_t error_value; /* detail of the last error              */
    struct elf_symbol_index index;
};

/*
 * Reads (file) of (size) bytes as an executable for (machine) and fills (*img).
 * Notes are looked for in PT_NOTE segments and in SHT_NOTE sections: some
 * images have them only in the latter. Returns ELF_OK or the first reason for
 * refusal, with img->error_value holding its detail.
 */
enum elf_error elf_read(struct elf_image *img, const void *file, size_t size,
                        unsigned machine);

/* One clause, lower case, no full stop; never NULL. */
const char *elf_strerror(enum elf_error e);

/* A function symbol found by elf_find_symbol(); name borrowed from the file. */
struct elf_symbol {
    const char *name; /* NUL-terminated                                    */
    uint64_t value, size;
};

/*
 * Finds the function (STT_FUNC or STT_NOTYPE with a name, in .symtab) that
 * covers (addr): the one with the greatest value <= addr, and, when its size
 * is not 0, addr < value + size. A damaged symbol table finds nothing.
 * Returns true and fills (*sym) when found. Linear in the number of symbols,
 * unless the image has an index.
 */
bool elf_find_symbol(const struct elf_image *img, uint64_t addr,
                     struct elf_symbol *sym);

/* Entries of the symbol table, 0 when there is none (that is sound). */
uint64_t elf_nr_symbols(const struct elf_image *img);
/*
 * Makes elf_find_symbol() logarithmic. (order): room for elf_nr_symbols()
 * numbers, borrowed by (img) from then on; with (room) less than that, no
 * symbol will be found. Takes n log n.
 */
void elf_index_symbols(struct elf_image *img, uint32_t *order, uint64_t room);

/* Value of the named symbol. Returns false when there is none. */
bool elf_symbol_by_name(const struct elf_image *img, const char *name,
                        struct elf_symbol *sym);

#endif /* ELF_ELF_H */
