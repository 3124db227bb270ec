/* SPDX-License-Identifier: ISC */
/*
 * A heap over a buddy allocator, with a check of every block when it is freed.
 *
 * Small blocks come from size classes (powers of two up to 2 KiB, header and
 * tail included) that share pages; a page given to a class stays with it.
 * Larger ones are whole pages and go back to the buddy allocator when freed.
 * Each block carries 16 bytes of header and 8 of tail: a freed or overrun block
 * is noticed at heap_free().
 *
 * Not locked: the caller serialises. Nothing here blocks.
 */
#ifndef ALLOC_HEAP_H
#define ALLOC_HEAP_H

#include <alloc/buddy.h>
#include <stddef.h>
#include <base/compiler.h>

#define HEAP_CLASSES 7 /* 32, 64, ..., 2048 bytes                          */

enum heap_error {
    HEAP_OK = 0,
    HEAP_E_DOUBLE_FREE, /* the block is free already                       */
    HEAP_E_NOT_BLOCK,   /* no block starts there, or its header is damaged */
    HEAP_E_OVERRUN,     /* something wrote past the block's end            */
    HEAP_E_FREE_LIST,   /* a free block was written to (from heap_alloc)   */
};

struct heap_free_block;

/* Fields are private to heap.c. */
struct heap {
    struct buddy *pages;
    struct heap_free_block *free[HEAP_CLASSES];
    char *fresh[HEAP_CLASSES]; /* rest of the newest page of the class     */
    enum heap_error damage;    /* found by heap_alloc()                    */
};

/* Makes (*h) an empty heap that takes its memory from (pages), borrowed. */
void heap_init(struct heap *h, struct buddy *pages);

/*
 * Returns (size) bytes with undefined contents, aligned to 16, or NULL when
 * there is no memory. heap_alloc(h, 0) is a valid block of no bytes.
 * When a free block turns out to have been written to, the heap is damaged:
 * NULL is returned and h->damage says HEAP_E_FREE_LIST.
 */
void *heap_alloc(struct heap *h, size_t size);

/* Takes back a block of heap_alloc(). NULL is allowed. On an error the block
 * has not been freed. */
enum heap_error __must_check heap_free(struct heap *h, void *block);

/* Size that was asked for; 0 for something that is not a block. */
size_t heap_block_size(const void *block);

/* One clause, lower case; never NULL. */
const char *heap_strerror(enum heap_error e);

#endif /* ALLOC_HEAP_H */
