/* SPDX-License-Identifier: ISC */
/* Checked heap over buddy pages; contract in alloc/heap.h. */
#include <alloc/heap.h>

#include <base/string.h>
#include <stdbool.h>

/* In front of every block. The check word is a mark xor the block's address
 * and size, so a header that was moved or partly written does not pass. */
struct header {
    uint64_t size;
    uint64_t check;
};
_Static_assert(sizeof(struct header) == 16, "keeps blocks aligned to 16");

/* A free block, in place of header and contents. */
struct heap_free_block {
    uint64_t class;
    uint64_t check;
    struct heap_free_block *next;
};

#define MARK_USED 0x6d69646765757365u
#define MARK_FREE 0x6d69646765667265u
#define MARK_TAIL 0x6d6964676574616cu
#define TAIL_SIZE sizeof(uint64_t)
#define OVERHEAD  (sizeof(struct header) + TAIL_SIZE)
#define MIN_SHIFT 5
#define CLASS_MAX ((size_t)1 << (MIN_SHIFT + HEAP_CLASSES - 1))

static struct header *header_of(const void *block)
{
    return (struct header *)(uintptr_t)block - 1;
}

static uint64_t used_check(const struct header *h)
{
    return MARK_USED ^ (uintptr_t)h ^ (h->size * 31);
}

static uint64_t free_check(const struct heap_free_block *f)
{
    return MARK_FREE ^ (uintptr_t)f ^ ((uintptr_t)f->next * 31) ^ f->class;
}

static unsigned class_of(size_t total)
{
    unsigned class = 0;

    while (((size_t)1 << (MIN_SHIFT + class)) < total)
        class ++;
    return class;
}

void heap_init(struct heap *h, struct buddy *pages)
{
    memset(h, 0, sizeof(*h));
    h->pages = pages;
}

/* A block of the class: a freed one, else the next piece of a page. */
static void *take_small(struct heap *h, unsigned class)
{
    size_t size = (size_t)1 << (MIN_SHIFT + class);
    struct heap_free_block *f = h->free[class];
    char *piece;

    if (f) {
        if (f->class != class || f->check != free_check(f)) {
            h->damage = HEAP_E_FREE_LIST;
            return NULL;
        }
        h->free[class] = f->next;
        return f;
    }
    if (!h->fresh[class]) {
        h->fresh[class] = buddy_alloc(h->pages, 0);
        if (!h->fresh[class])
            return NULL;
    }
    piece = h->fresh[class];
    h->fresh[class] = piece + size;
    if (((uintptr_t)h->fresh[class] & (BUDDY_PAGE_SIZE - 1)) == 0)
        h->fresh[class] = NULL;
    return piece;
}

void *heap_alloc(struct heap *h, size_t size)
{
    uint64_t tail = MARK_TAIL;
    struct header *head;
    size_t total;

    if (__builtin_add_overflow(size, OVERHEAD, &total))
        return NULL;
    head = total <= CLASS_MAX ? take_small(h, class_of(total))
                              : buddy_alloc(h->pages, buddy_order(total));
    if (!head)
        return NULL;
    head->size = size;
    head->check = used_check(head);
    memcpy((char *)(head + 1) + size, &tail, TAIL_SIZE);
    return head + 1;
}

static enum heap_error check_block(const void *block)
{
    const struct heap_free_block *f;
    const struct header *head;
    uint64_t tail;

    if (((uintptr_t)block & (sizeof(struct header) - 1)) != 0)
        return HEAP_E_NOT_BLOCK;
    head = header_of(block);
    f = (const void *)head;
    if (head->check != used_check(head))
        return f->class < HEAP_CLASSES && f->check == free_check(f)
                   ? HEAP_E_DOUBLE_FREE
                   : HEAP_E_NOT_BLOCK;
    memcpy(&tail, (const char *)block + head->size, TAIL_SIZE);
    return tail == MARK_TAIL ? HEAP_OK : HEAP_E_OVERRUN;
}

enum heap_error heap_free(struct heap *h, void *block)
{
    enum heap_error e;
    struct heap_free_block *f;
    struct header *head;
    size_t total;

    if (!block)
        return HEAP_OK;
    e = check_block(block);
    if (e != HEAP_OK)
        return e;
    head = header_of(block);
    total = head->size + OVERHEAD;
    if (total > CLASS_MAX) {
        if (buddy_free(h->pages, head, buddy_order(total)) != BUDDY_OK)
            return HEAP_E_NOT_BLOCK;
        /* The check word survives in the free page: make it invalid. */
        head->check = 0;
        return HEAP_OK;
    }
    f = (struct heap_free_block *)(void *)head;
    f->class = class_of(total);
    f->next = h->free[f->class];
    f->check = free_check(f);
    h->free[f->class] = f;
    return HEAP_OK;
}

size_t heap_block_size(const void *block)
{
    return block && check_block(block) == HEAP_OK ? header_of(block)->size : 0;
}

const char *heap_strerror(enum heap_error e)
{
    switch (e) {
    case HEAP_OK:
        return "no error";
    case HEAP_E_DOUBLE_FREE:
        return "block is free already";
    case HEAP_E_NOT_BLOCK:
        return "not a heap block, or its header was overwritten";
    case HEAP_E_OVERRUN:
        return "block was written past its end";
    case HEAP_E_FREE_LIST:
        return "free block was written to";
    }
    return "unknown error";
}
