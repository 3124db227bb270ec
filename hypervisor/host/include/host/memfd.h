/* SPDX-License-Identifier: ISC */
/*
 * Anonymous files in memory (memfd_create(2)) and mappings of them. Nothing
 * here blocks for longer than the kernel needs to find memory.
 */
#ifndef HOST_MEMFD_H
#define HOST_MEMFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>

/* What memfd_create_sealable() files may be sealed with. */
#define MEMFD_SEAL_SIZE  1u /* never grows, never shrinks                   */
#define MEMFD_SEAL_WRITE 2u /* never written again; needs no writable mapping */

/* A new file of (bytes) zero bytes: descriptor (CLOEXEC) or -errno.
 * (name) is what /proc/PID/maps shows after "memfd:". */
__must_check int memfd_create_sealable(const char *name, uint64_t bytes);
/* The same for a file that is going to be executed. */
__must_check int memfd_create_exec(const char *name, uint64_t bytes);
/* Adds MEMFD_SEAL_* and forbids adding any more. 0 or -errno. */
__must_check int memfd_seal(int fd, unsigned seals);
/* A new read-only descriptor for the same file (through /proc/self/fd). */
__must_check int memfd_reopen_readonly(int fd);

/* Maps [off, off + bytes) shared, anywhere. MAP_FAILED never: NULL and errno. */
void *memfd_map(int fd, uint64_t off, size_t bytes, bool writable);
/* The same over [addr, addr + bytes), which must be the caller's own
 * (mem_reserve()). 0 or -errno; on failure the range is unchanged. */
__must_check int memfd_map_at(void *addr, int fd, uint64_t off, size_t bytes,
                              bool writable);
/*
 * Maps [off, off + bytes) of the file whose first page is mapped shared and
 * writable at (first), without a descriptor. NULL and errno on failure.
 */
void *memfd_map_again(void *first, uint64_t off, size_t bytes);
void mem_unmap(void *addr, size_t bytes);

/* Makes the pages of a writable mapping present now, so that touching them
 * cannot fail later. 0 or -errno (-ENOMEM). */
__must_check int mem_populate(void *addr, size_t bytes);
/* Gives the memory behind these pages of a shared mapping back; they read as
 * zero afterwards. 0 or -errno. */
__must_check int mem_punch(void *addr, size_t bytes);

/* Address space without memory behind it; NULL and errno. */
void *mem_reserve(size_t bytes, size_t align);
/* Turns part of a reservation back into nothing. 0 or -errno. */
__must_check int mem_unreserve_at(void *addr, size_t bytes);
/* Zeroed private memory in whole pages; NULL and errno. mem_unmap() frees. */
void *mem_alloc_pages(size_t bytes);

#endif /* HOST_MEMFD_H */
