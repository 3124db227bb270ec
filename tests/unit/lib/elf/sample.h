/* SPDX-License-Identifier: ISC */
/*
 * A small sound image, made anew by sample_make(), that each test damages in
 * one place. Uses libc's <elf.h>, so that the reader's own idea of the format
 * is checked against another one.
 *
 *   0x0000 header, program headers       0x3000 symbols
 *   0x0400 notes                         0x3800 names
 *   0x1000 text, 0x2000 data             0x3c00 section headers
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <elf.h>
#include <elf/elf.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_SIZE  0x4000
#define NOTES_AT     0x400
#define NOTES_MAX    0x800
#define SYMS_AT      0x3000
#define NAMES_AT     0x3800
#define TEXT_VA      0x100000ul
#define DATA_VA      0x102000ul
#define SAMPLE_PHDRS 3 /* text, data, note */
#define SAMPLE_SHDRS 4 /* null, note, symtab, strtab */

/* The file: allocated with exactly its size, so that ASan sees every byte read
 * beyond it. */
struct sample {
    uint8_t *file;
    size_t size;
    Elf64_Ehdr *eh;
    Elf64_Phdr *ph;
    Elf64_Shdr *sh;
    size_t notes_used;
    size_t nr_syms, names_used;
};

void sample_make(struct sample *s);
void sample_free(struct sample *s);
/* Cuts the file to (size) bytes. */
void sample_cut(struct sample *s, size_t size);
/* Appends a note and makes the note segment and section cover it. */
void sample_note(struct sample *s, const char *owner, uint32_t type,
                 const void *desc, size_t len);
void sample_note_u64(struct sample *s, const char *owner, uint32_t type,
                     uint64_t v);
/* Removes all notes. */
void sample_no_notes(struct sample *s);
void sample_symbol(struct sample *s, const char *name, unsigned type,
                   uint64_t value, uint64_t size);

enum elf_error sample_read(const struct sample *s, struct elf_image *img);

void test_refusals(void);
void test_notes(void);
void test_symbols(void);

#endif /* SAMPLE_H */
