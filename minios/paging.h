/* SPDX-License-Identifier: ISC */
/*
 * What pages are for, and page tables of our own, for ports that have any: the
 * image and the RAM behind it, each page with the rights its contents need. Large
 * pages where the port has them and everything in there is alike; split when
 * somebody wants a part of it otherwise.
 */
#ifndef PAGING_H
#define PAGING_H

#include <stdbool.h>
#include <stdint.h>
#include <base/compiler.h>
#include <minios/boot.h>

enum page_kind {
    PAGE_NONE,   /* not accessible                                         */
    PAGE_TEXT,   /* read, execute                                          */
    PAGE_RODATA, /* read                                                   */
    PAGE_DATA,   /* read, write                                            */
    PAGE_DEVICE, /* read, write; registers                                 */
};

/* What the page at (va) is for: a part of the image, the guard page below its
 * stack, or memory behind it; none in front of it. */
enum page_kind page_kind_of(uintptr_t va);

#define PAGING_ENTRIES 512u /* of a table                                  */

/* How the port's tables look: levels of 9 bits above pages of 4 KiB. */
struct paging_format {
    unsigned levels;
    uint64_t (*leaf)(uint64_t address, enum page_kind kind, bool large);
    uint64_t (*table)(uint64_t address);
    bool (*is_present)(uint64_t entry);
    uint64_t (*address)(uint64_t entry);
    /* NULL, both, where there are no leaves of 2 MiB, or none that could be split
     * while in use. Whether a present entry of level 2 is one; and leaf (i) of the
     * 512 that mean the same as this one. */
    bool (*is_large)(uint64_t entry);
    uint64_t (*part)(uint64_t large, unsigned i);
    /* A zeroed page while there is no allocator, NULL: no memory. */
    void *(*boot_page)(struct boot_info *boot);
};

/*
 * Makes tables for image and free memory; (*top): the first of them, which is
 * the port's to install, and to add to before memory_init() by paging_map().
 * 0 or -XEN_ENOMEM.
 */
int __must_check paging_init(const struct paging_format *format,
                             struct boot_info *boot, uint64_t **top);
/* One page. What the CPU has cached of it is the port's to drop. Events
 * disabled. 0 or -XEN_ENOMEM. */
int __must_check paging_map(uintptr_t va, enum page_kind kind);
/* From now on tables come from page_alloc(). */
void paging_started(void);

#endif /* PAGING_H */
