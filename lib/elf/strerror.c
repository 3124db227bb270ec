/* SPDX-License-Identifier: ISC */
/* The reasons for refusing an image, in words. */
#include <elf/elf.h>

const char *elf_strerror(enum elf_error e)
{
    switch (e) {
    case ELF_OK:
        return "no error";
    case ELF_E_TRUNCATED:
        return "shorter than an ELF header";
    case ELF_E_MAGIC:
        return "not an ELF file";
    case ELF_E_CLASS:
        return "not a 64-bit little-endian ELF file";
    case ELF_E_TYPE:
        return "not an executable (ET_EXEC): link it with -static -no-pie";
    case ELF_E_MACHINE:
        return "made for another kind of processor";
    case ELF_E_PHDRS:
        return "program headers malformed or outside the file";
    case ELF_E_NO_LOAD:
        return "nothing to load: no PT_LOAD segment with a size";
    case ELF_E_TOO_MANY:
        return "too many segments to load";
    case ELF_E_SEGMENT_FILE:
        return "a segment's bytes lie outside the file: is it truncated?";
    case ELF_E_SEGMENT_SIZE:
        return "a segment is smaller than its bytes or wraps around";
    case ELF_E_OVERLAP:
        return "two segments overlap";
    case ELF_E_ENTRY:
        return "the entry point is in no segment";
    case ELF_E_NO_NOTES:
        return "no Xen notes: not a Xen guest";
    case ELF_E_NOTE:
        return "a Xen note is malformed or contradicts another one";
    }
    return "unknown error";
}
