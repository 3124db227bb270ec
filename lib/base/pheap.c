/* SPDX-License-Identifier: ISC */
/* A pairing heap; contract in base/pheap.h. */
#include <base/pheap.h>

#include <stddef.h>

/* Two roots become one: the one with the lesser key, the other its child. */
static struct pheap_node *meld(struct pheap_node *a, struct pheap_node *b)
{
    struct pheap_node *swap;

    if (!a || !b)
        return a ? a : b;
    if (b->key < a->key) {
        swap = a;
        a = b;
        b = swap;
    }
    b->prev = a;
    b->next = a->child;
    if (b->next)
        b->next->prev = b;
    a->child = b;
    return a;
}

static struct pheap_node *make_root(struct pheap_node *node)
{
    node->next = NULL;
    node->prev = NULL;
    return node;
}

/* Melds a list of siblings: in pairs from the first on, then the pairs from the
 * last back, which is what makes removing cheap. */
static struct pheap_node *meld_siblings(struct pheap_node *first)
{
    struct pheap_node *pairs = NULL, *root = NULL;

    while (first) {
        struct pheap_node *a = first, *b = a->next;

        first = b ? b->next : NULL;
        make_root(a);
        a = meld(a, b ? make_root(b) : NULL);
        a->next = pairs;
        pairs = a;
    }
    while (pairs) {
        struct pheap_node *a = pairs;

        pairs = a->next;
        root = meld(root, make_root(a));
    }
    return root;
}

static void unlink_node(struct pheap_node *node)
{
    if (node->prev->child == node)
        node->prev->child = node->next;
    else
        node->prev->next = node->next;
    if (node->next)
        node->next->prev = node->prev;
    make_root(node);
}

void pheap_add(struct pheap *heap, struct pheap_node *node)
{
    node->child = NULL;
    heap->root = meld(heap->root, make_root(node));
    heap->count++;
}

void pheap_remove(struct pheap *heap, struct pheap_node *node)
{
    struct pheap_node *rest = meld_siblings(node->child);

    node->child = NULL;
    if (node == heap->root) {
        heap->root = rest;
    } else {
        unlink_node(node);
        heap->root = meld(heap->root, rest);
    }
    heap->count--;
}
