/* SPDX-License-Identifier: ISC */
/*
 * Buddy allocator; contract in alloc/buddy.h.
 *
 * Pages [0, mark) are blocks, each aligned to its size relative to the base;
 * the map byte of a block's first page says its order and whether it is free,
 * those of its other pages are 0. Pages [mark, nr_pages) have never been
 * looked at. A block is taken from the free lists first; when none is large
 * enough the mark moves just far enough, so a fresh allocator splits nothing
 * and dirties nothing.
 */
#include <alloc/buddy.h>

#include <base/string.h>
#include <stdbool.h>

#define MAP_FREE  0x40u
#define MAP_USED  0x80u
#define MAP_INNER 0u

static size_t index_of(const struct buddy *b, const void *block)
{
    return (size_t)((const char *)block - b->base) >> BUDDY_PAGE_SHIFT;
}

static struct buddy_block *block_at(const struct buddy *b, size_t index)
{
    return (struct buddy_block *)(void *)(b->base +
                                          (index << BUDDY_PAGE_SHIFT));
}

void buddy_init(struct buddy *b, void *base, size_t nr_pages, uint8_t *map)
{
    memset(b, 0, sizeof(*b));
    b->base = base;
    b->nr_pages = nr_pages;
    b->map = map;
    b->free_pages = nr_pages;
}

unsigned buddy_order(size_t bytes)
{
    unsigned order = 0;

    while (order < BUDDY_ORDERS && (BUDDY_PAGE_SIZE << order) < bytes)
        order++;
    return order;
}

static void list_push(struct buddy *b, size_t index, unsigned order)
{
    struct buddy_block *block = block_at(b, index);

    block->prev = NULL;
    block->next = b->free[order];
    if (block->next)
        block->next->prev = block;
    b->free[order] = block;
    b->map[index] = (uint8_t)(MAP_FREE | order);
}

static void list_remove(struct buddy *b, struct buddy_block *block,
                        unsigned order)
{
    if (block->prev)
        block->prev->next = block->next;
    else
        b->free[order] = block->next;
    if (block->next)
        block->next->prev = block->prev;
}

/* Puts a block on a free list, merged with its buddies as far as possible. */
static void insert(struct buddy *b, size_t index, unsigned order)
{
    while (order + 1 < BUDDY_ORDERS) {
        size_t buddy = index ^ ((size_t)1 << order);

        if (buddy >= b->mark || b->map[buddy] != (MAP_FREE | order))
            break;
        list_remove(b, block_at(b, buddy), order);
        b->map[buddy] = MAP_INNER;
        b->map[index] = MAP_INNER;
        if (buddy < index)
            index = buddy;
        order++;
    }
    list_push(b, index, order);
}

/* Moves the mark to (end), turning the pages in between into free blocks. */
static void advance_mark(struct buddy *b, size_t end)
{
    while (b->mark < end) {
        size_t index = b->mark;
        unsigned order = 0;

        while (order + 1 < BUDDY_ORDERS &&
               (index & (((size_t)2 << order) - 1)) == 0 &&
               index + ((size_t)2 << order) <= end)
            order++;
        memset(b->map + index, MAP_INNER, (size_t)1 << order);
        b->mark += (size_t)1 << order;
        insert(b, index, order);
    }
}

/* Makes room for one more block of (order), or returns false. */
static bool grow(struct buddy *b, unsigned order)
{
    size_t size = (size_t)1 << order;
    size_t start = (b->mark + size - 1) & ~(size - 1);
    size_t end = start + size;

    if (b->mark == b->nr_pages)
        return false;
    /* What is left may be too short for the block, but it may be just what
     * merges with a free buddy below the mark. */
    advance_mark(b, end < b->nr_pages ? end : b->nr_pages);
    return true;
}

void *buddy_alloc(struct buddy *b, unsigned order)
{
    struct buddy_block *block;
    unsigned o;
    size_t index;

    if (order >= BUDDY_ORDERS)
        return NULL;
    do {
        for (o = order; o < BUDDY_ORDERS && !b->free[o]; o++)
            ;
    } while (o == BUDDY_ORDERS && grow(b, order));
    if (o == BUDDY_ORDERS)
        return NULL;

    block = b->free[o];
    index = index_of(b, block);
    list_remove(b, block, o);
    while (o > order) {
        o--;
        list_push(b, index + ((size_t)1 << o), o);
    }
    b->map[index] = (uint8_t)(MAP_USED | order);
    b->free_pages -= (size_t)1 << order;
    return block;
}

enum buddy_error buddy_free(struct buddy *b, void *block, unsigned order)
{
    size_t offset = (size_t)((uintptr_t)block - (uintptr_t)b->base);
    size_t index = offset >> BUDDY_PAGE_SHIFT;

    if ((offset & (BUDDY_PAGE_SIZE - 1)) != 0 || index >= b->nr_pages)
        return BUDDY_E_RANGE;
    if (index >= b->mark || (b->map[index] & MAP_USED) == 0)
        return BUDDY_E_NOT_HEAD;
    if (b->map[index] != (MAP_USED | order))
        return BUDDY_E_ORDER;
    b->free_pages += (size_t)1 << order;
    insert(b, index, order);
    return BUDDY_OK;
}
