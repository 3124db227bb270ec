/* SPDX-License-Identifier: ISC */
/*
 * Buddy allocator of pages over one contiguous range. It never touches a page
 * before handing it out or getting it back, and its map grows with use: memory
 * that nobody asked for stays untouched, and initialising is O(1) whatever the
 * size of the range.
 *
 * Not locked: the caller serialises. Nothing here blocks.
 */
#ifndef ALLOC_BUDDY_H
#define ALLOC_BUDDY_H

#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>

#define BUDDY_PAGE_SHIFT 12
#define BUDDY_PAGE_SIZE  ((size_t)1 << BUDDY_PAGE_SHIFT)
/* Orders 0 .. BUDDY_ORDERS - 1: the largest block has 2^(BUDDY_ORDERS - 1)
 * pages (2 GiB). */
#define BUDDY_ORDERS 20

enum buddy_error {
    BUDDY_OK = 0,
    BUDDY_E_RANGE,    /* not the address of a page of this range             */
    BUDDY_E_NOT_HEAD, /* not an allocated block: free already, or inside one */
    BUDDY_E_ORDER,    /* allocated with another order                        */
};

/* A free block begins with its links. */
struct buddy_block {
    struct buddy_block *next, *prev;
};

/* Fields are private to buddy.c, but for the counters. */
struct buddy {
    char *base;
    size_t nr_pages;
    size_t mark;  /* pages from here on were never handed out              */
    uint8_t *map; /* one byte per page below the mark                      */
    struct buddy_block *free[BUDDY_ORDERS];
    size_t free_pages; /* pages that could be handed out                   */
};

/*
 * Makes (*b) the allocator of the (nr_pages) pages from (base), a multiple of
 * the page size. (map), of nr_pages bytes, need not be initialised and is the
 * allocator's from now on; it must not overlap the range.
 */
void buddy_init(struct buddy *b, void *base, size_t nr_pages, uint8_t *map);

/*
 * Returns 2^(order) contiguous pages with undefined contents, or NULL when
 * there are none (or the order is too large). Alignment: the page size.
 */
void *buddy_alloc(struct buddy *b, unsigned order);

/* Takes back a block that buddy_alloc() gave with the same (order). On an
 * error nothing has changed. */
enum buddy_error __must_check buddy_free(struct buddy *b, void *block,
                                         unsigned order);

/* The least order whose blocks hold (bytes); BUDDY_ORDERS if none does. */
unsigned buddy_order(size_t bytes);

#endif /* ALLOC_BUDDY_H */
