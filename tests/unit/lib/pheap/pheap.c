/* SPDX-License-Identifier: ISC */
/* The heap of timers: order, removal from anywhere, random use beside a plain
 * array. The nodes are allocated one by one, so that ASan sees a stray link. */
#include <base/pheap.h>
#include <stdlib.h>
#include <tap.h>

#define MANY 2000

static struct pheap heap;
static struct pheap_node *nodes[MANY]; /* NULL: not in the heap           */

static uint32_t random_number(void)
{
    static uint32_t x = 2463534242u;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
}

static void add(unsigned i, uint64_t key)
{
    nodes[i] = calloc(1, sizeof(*nodes[i]));
    if (!nodes[i])
        abort();
    nodes[i]->key = key;
    pheap_add(&heap, nodes[i]);
}

static void take(unsigned i)
{
    pheap_remove(&heap, nodes[i]);
    free(nodes[i]);
    nodes[i] = NULL;
}

static unsigned index_of(const struct pheap_node *node)
{
    unsigned i;

    for (i = 0; i < MANY && nodes[i] != node; i++)
        ;
    return i;
}

static void take_root(void)
{
    take(index_of(heap.root));
}

/* Every parent is at most as late as its children, every link has its answer;
 * returns the number of nodes. A loop over an own stack: as deep as it may be.*/
static unsigned check_links(bool *good)
{
    static const struct pheap_node *todo[MANY];
    unsigned depth = 0, n = 0;

    *good = !heap.root || (!heap.root->prev && !heap.root->next);
    if (heap.root)
        todo[depth++] = heap.root;
    while (depth > 0) {
        const struct pheap_node *p = todo[--depth], *before = p, *c;

        n++;
        for (c = p->child; c; before = c, c = c->next) {
            *good = *good && c->prev == before && c->key >= p->key;
            todo[depth++] = c;
        }
    }
    return n;
}

static void test_few(void)
{
    ok(!heap.root, "an empty heap has no root");
    add(0, 5);
    is_int(heap.root->key, 5, "one node is the root");
    take(0);
    ok(!heap.root && heap.count == 0, "removed, the heap is empty again");
    add(0, 5);
    add(1, 3);
    add(2, 9);
    add(3, 3);
    is_int(heap.root->key, 3, "the least is the root");
    take_root();
    is_int(heap.root->key, 3, "its equal follows");
    take(2);
    take_root();
    is_int(heap.root->key, 5, "the last one");
    take_root();
    is_int(heap.count, 0, "all removed");
}

static void test_ordered(const char *how, uint64_t first, uint64_t step)
{
    uint64_t last = 0;
    bool sorted = true;
    unsigned i;

    for (i = 0; i < MANY; i++)
        add(i, first + i * step);
    while (heap.root) {
        sorted = sorted && heap.root->key >= last;
        last = heap.root->key;
        take_root();
    }
    ok(sorted && heap.count == 0, "%d keys, %s, come out in order", MANY, how);
}

static uint64_t least(void)
{
    uint64_t key = UINT64_MAX;
    unsigned i;

    for (i = 0; i < MANY; i++)
        if (nodes[i] && nodes[i]->key < key)
            key = nodes[i]->key;
    return key;
}

static void test_random(void)
{
    bool links = true, order = true, counts = true, good;
    unsigned step, present = 0;

    for (step = 0; step < 20000; step++) {
        unsigned i = random_number() % MANY;

        if (nodes[i]) {
            take(i);
            present--;
        } else {
            add(i, random_number() % 1000);
            present++;
        }
        if (heap.root && random_number() % 4 == 0) {
            take_root();
            present--;
        }
        order = order && (!heap.root || heap.root->key == least());
        if (step % 100 == 0) {
            counts = counts && check_links(&good) == present;
            links = links && good;
        }
        counts = counts && heap.count == present;
    }
    ok(order, "random use: the root is always the least");
    ok(links, "random use: links and order hold");
    ok(counts, "random use: nothing is lost");
    while (heap.root)
        take_root();
}

int main(void)
{
    test_few();
    test_ordered("rising", 0, 1);
    test_ordered("falling", MANY, UINT64_MAX);
    test_ordered("up to the last", UINT64_MAX - MANY, 1);
    test_random();
    return tap_done();
}
