/* SPDX-License-Identifier: ISC */
/*
 * A pairing heap whose nodes lie in the objects they order: the least key is
 * found at once, adding is constant time, removing (any node) is logarithmic on
 * average. Nothing is allocated, nothing recurses. Equal keys come out in any
 * order.
 *
 * Not locked: the caller serialises.
 */
#ifndef BASE_PHEAP_H
#define BASE_PHEAP_H

#include <stdbool.h>
#include <stdint.h>

/* Private, but for (key), which may be read always and set while the node is in
 * no heap. Zeroed memory is such a node. */
struct pheap_node {
    uint64_t key;
    /* The children of a node are a list: (child) is its first, whose (prev) is
     * the parent; the others' (prev) is the sibling before them. */
    struct pheap_node *child, *next, *prev;
};

struct pheap {
    struct pheap_node *root; /* the node with the least key, NULL: empty   */
    uint32_t count;
};

/* (node) is in no heap, and belongs to the heap until it is removed. */
void pheap_add(struct pheap *heap, struct pheap_node *node);
/* (node) is in (heap). */
void pheap_remove(struct pheap *heap, struct pheap_node *node);

#endif /* BASE_PHEAP_H */
