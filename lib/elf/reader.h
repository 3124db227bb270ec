/* SPDX-License-Identifier: ISC */
/* What the files of the reader share. */
#ifndef ELF_READER_H
#define ELF_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <elf/elf.h>
#include <elf/format.h>

/* Copies (len) bytes at (off) of the file; false when they are not all there.*/
bool elf_copy(const struct elf_image *img, uint64_t off, void *out, size_t len);

/*
 * Section header (i). False when there is no such section or no sound section
 * header table. (hdr) is the file's header.
 */
bool elf_section(const struct elf_image *img, const struct elf_header *hdr,
                 unsigned i, struct elf_shdr *out);

/* Fills img->notes. (hdr) has been checked, its program headers too. */
enum elf_error elf_read_notes(struct elf_image *img,
                              const struct elf_header *hdr);

#endif /* ELF_READER_H */
