/* SPDX-License-Identifier: ISC */
/*
 * Memory: pages and the kernel heap. Everything is identity-mapped: the address
 * of a page is its pseudo-physical address. Any context; nothing blocks.
 */
#ifndef MINIOS_MEMORY_H
#define MINIOS_MEMORY_H

#include <stddef.h>
#include <base/compiler.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE  0x1000ul
#define PAGE_MASK  (~(PAGE_SIZE - 1))

/* Hands boot_info's free memory to the allocators (start-up table). */
int memory_init(void);

/* 2^(order) contiguous pages with undefined contents; NULL if there are none.
 */
void *page_alloc(unsigned order);
/* Takes them back; panics on anything page_alloc() did not give. */
void page_free(void *block, unsigned order);
/* Pages that could still be handed out. */
size_t page_free_count(void);

/* (size) bytes, aligned to 16, undefined contents; NULL if there is no memory.
 * Panics when it finds the heap damaged. */
void *kmalloc(size_t size);
/* The same, zeroed. */
void *kzalloc(size_t size);
/* NULL is allowed; panics on a double free, an overrun, a stray pointer. */
void kfree(void *block);

#endif /* MINIOS_MEMORY_H */
