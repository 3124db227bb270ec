/* SPDX-License-Identifier: ISC */
/* Makes flattened device trees (Devicetree Specification 0.4, chapter 5), byte
 * by byte: what reads them is somebody else's. */
#ifndef TREE_H
#define TREE_H

#include <stddef.h>
#include <stdint.h>

#define TREE_BYTES 16384

struct tree {
    uint8_t blob[TREE_BYTES] __attribute__((aligned(8)));
    uint8_t structure[TREE_BYTES / 2], strings[TREE_BYTES / 4];
    size_t nr_structure, nr_strings;
    uint64_t reserved[8];
    unsigned nr_reserved; /* numbers, two for each                         */
};

void tree_init(struct tree *t);
void tree_node(struct tree *t, const char *name);
void tree_end(struct tree *t);
void tree_text(struct tree *t, const char *name, const char *value);
/* (n) cells. */
void tree_cells(struct tree *t, const char *name, unsigned n, ...);
void tree_reserve(struct tree *t, uint64_t start, uint64_t size);
/* Puts it together; returns its size. */
size_t tree_finish(struct tree *t);

#endif /* TREE_H */
