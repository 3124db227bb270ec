/* SPDX-License-Identifier: ISC */
/* Buddy pages and heap: random use against a shadow, misuse, exhaustion. */
#include "alloc_test.h"
#include <alloc/buddy.h>
#include <alloc/heap.h>
#include <stdlib.h>
#include <tap.h>

#define NR_PAGES 1000

static char *memory;
static uint8_t map[NR_PAGES];
static struct buddy b;

static void reset(void)
{
    memset(map, 0xa5, sizeof(map)); /* need not be initialised */
    buddy_init(&b, memory, NR_PAGES, map);
}

static size_t drain(void)
{
    size_t n = 0;

    while (buddy_alloc(&b, 0))
        n++;
    return n;
}

static void test_buddy_basic(void)
{
    char *p, *q;

    reset();
    p = buddy_alloc(&b, 0);
    q = buddy_alloc(&b, 0);
    ok(p == memory && q == memory + BUDDY_PAGE_SIZE,
       "a fresh allocator hands out page after page");
    is_int(buddy_free(&b, p, 0), BUDDY_OK, "free");
    is_int(buddy_free(&b, p, 0), BUDDY_E_NOT_HEAD, "double free is noticed");
    is_int(buddy_free(&b, q + 8, 0), BUDDY_E_RANGE, "not a page");
    is_int(buddy_free(&b, memory - BUDDY_PAGE_SIZE, 0), BUDDY_E_RANGE,
           "below the range");
    is_int(buddy_free(&b, memory + NR_PAGES * BUDDY_PAGE_SIZE, 0),
           BUDDY_E_RANGE, "above the range");
    is_int(buddy_free(&b, q, 3), BUDDY_E_ORDER, "wrong order");
    is_int(buddy_free(&b, q + 50 * BUDDY_PAGE_SIZE, 0), BUDDY_E_NOT_HEAD,
           "never handed out");
    is_int(buddy_free(&b, q, 0), BUDDY_OK, "right order");
    is_int(b.free_pages, NR_PAGES, "all free again");
    ok(!buddy_alloc(&b, BUDDY_ORDERS), "absurd order");
    ok(!buddy_alloc(&b, 10), "larger than the range");
    ok(buddy_alloc(&b, 9) != NULL, "half of it fits");
    is_int(drain(), NR_PAGES - 512, "every other page can be had");
    ok(!buddy_alloc(&b, 0), "empty");
}

static void test_buddy_order(void)
{
    is_int(buddy_order(0), 0, "order of 0");
    is_int(buddy_order(4096), 0, "order of one page");
    is_int(buddy_order(4097), 1, "order of a little more");
    is_int(buddy_order(SIZE_MAX), BUDDY_ORDERS, "order of too much");
}

struct shadow {
    unsigned char *p;
    unsigned order;
    unsigned char fill;
};

static void test_buddy_random(void)
{
    static struct shadow live[200];
    size_t nr = 0, used = 0;
    int overlaps = 0, refused = 0;

    reset();
    srand(7);
    for (int i = 0; i < 50000; i++) {
        if (nr < 200 && rand() % 2) {
            struct shadow s = {.order = (unsigned)rand() % 5};

            s.p = buddy_alloc(&b, s.order);
            s.fill = (unsigned char)i;
            if (!s.p)
                continue;
            memset(s.p, s.fill, BUDDY_PAGE_SIZE << s.order);
            used += (size_t)1 << s.order;
            live[nr++] = s;
        } else if (nr > 0) {
            size_t k = (size_t)rand() % nr;
            struct shadow s = live[k];

            live[k] = live[--nr];
            overlaps += s.p[0] != s.fill;
            overlaps += s.p[(BUDDY_PAGE_SIZE << s.order) - 1] != s.fill;
            refused += buddy_free(&b, s.p, s.order) != BUDDY_OK;
            used -= (size_t)1 << s.order;
        }
    }
    is_int(overlaps, 0, "no two blocks overlap");
    is_int(refused, 0, "every block can be freed");
    is_int(b.free_pages, NR_PAGES - used, "the count is right");
    while (nr > 0) {
        nr--;
        refused += buddy_free(&b, live[nr].p, live[nr].order) != BUDDY_OK;
    }
    is_int(refused, 0, "the rest too");
    ok(buddy_alloc(&b, 9) && buddy_alloc(&b, 8), "everything merged again");
}

static void test_heap_misuse(void)
{
    struct heap h;
    char *p, *q, *big;

    reset();
    heap_init(&h, &b);
    is_int(heap_free(&h, NULL), HEAP_OK, "free(NULL)");
    p = heap_alloc(&h, 100);
    is_int((uintptr_t)p % 16, 0, "aligned");
    is_int(heap_block_size(p), 100, "size is kept");
    is_int(heap_free(&h, p + 16), HEAP_E_NOT_BLOCK, "inside a block");
    is_int(heap_free(&h, p + 1), HEAP_E_NOT_BLOCK, "not aligned");
    is_int(heap_free(&h, p), HEAP_OK, "free");
    is_int(heap_free(&h, p), HEAP_E_DOUBLE_FREE, "double free");
    ok(heap_alloc(&h, 100) == p, "the block is used again");
    p[100] = 1;
    is_int(heap_free(&h, p), HEAP_E_OVERRUN, "one byte too far");
    q = heap_alloc(&h, 24);
    q[-1] ^= 1;
    is_int(heap_free(&h, q), HEAP_E_NOT_BLOCK, "header overwritten");
    q[-1] ^= 1;
    is_int(heap_free(&h, q), HEAP_OK, "and put right");
    *(long *)(void *)q = 0x4141;
    ok(!heap_alloc(&h, 24) && h.damage == HEAP_E_FREE_LIST,
       "a write after free is noticed before it does harm");
    big = heap_alloc(&h, 100000);
    ok(big != NULL, "large block");
    is_int(heap_free(&h, big), HEAP_OK, "free it");
    is_int(heap_free(&h, big), HEAP_E_NOT_BLOCK, "not twice");
    ok(!heap_alloc(&h, SIZE_MAX) && !heap_alloc(&h, SIZE_MAX - 30) &&
           !heap_alloc(&h, (size_t)1 << 50),
       "absurd sizes");
}

static void test_heap_random(void)
{
    static struct {
        unsigned char *p;
        size_t size;
    } live[300];
    struct heap h;
    size_t nr = 0;
    int bad = 0;

    reset();
    heap_init(&h, &b);
    for (int i = 0; i < 50000; i++) {
        if (nr < 300 && rand() % 2) {
            size_t size = (size_t)rand() % (rand() % 20 ? 300 : 20000);
            unsigned char *p = heap_alloc(&h, size);

            if (!p)
                continue;
            memset(p, (int)(size & 255), size);
            live[nr].p = p;
            live[nr++].size = size;
        } else if (nr > 0) {
            size_t k = (size_t)rand() % nr, size = live[k].size;

            for (size_t j = 0; j < size; j++)
                bad += live[k].p[j] != (size & 255);
            bad += heap_free(&h, live[k].p) != HEAP_OK;
            live[k] = live[--nr];
        }
    }
    is_int(bad, 0, "contents survive, every block can be freed");
    is_int(h.damage, HEAP_OK, "no damage seen");
    drain();
    ok(!heap_alloc(&h, 5000), "NULL when there is no memory");
}

int main(void)
{
    memory = aligned_alloc(BUDDY_PAGE_SIZE, NR_PAGES * BUDDY_PAGE_SIZE);
    if (!memory)
        return 1;
    test_buddy_basic();
    test_buddy_order();
    test_buddy_random();
    test_heap_misuse();
    test_heap_random();
    test_slots();
    free(memory);
    return tap_done();
}
