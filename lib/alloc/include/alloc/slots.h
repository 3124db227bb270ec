/* SPDX-License-Identifier: ISC */
/*
 * Numbered slots of a table that grows by chunks, and which of them are free.
 * The list of free ones is kept in the slots themselves: a word of each, which
 * is nobody's while it is free. Pure; one user at a time.
 */
#ifndef ALLOC_SLOTS_H
#define ALLOC_SLOTS_H

#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>

#define SLOTS_NONE UINT32_MAX

struct slots {
    void **chunk; /* the caller's array, room for every chunk there may be */
    uint32_t per_chunk;
    uint32_t slot_bytes, link_offset; /* where in a slot the word lies     */
    uint32_t nr, nr_free;
    uint32_t first_free;
};

/* An empty table. (link_offset): a multiple of 4, below slot_bytes. */
void slots_init(struct slots *s, void **chunk, uint32_t per_chunk,
                uint32_t slot_bytes, uint32_t link_offset);
/* Adds a chunk; its slots follow the last ones in number, and are free but for
 * the first (reserved), which stay the caller's. */
void slots_add(struct slots *s, void *chunk, uint32_t reserved);
/* A free slot, the one given back last; SLOTS_NONE. */
uint32_t __must_check slots_take(struct slots *s);
/* Takes (slot) back, which must be in use. */
void slots_give(struct slots *s, uint32_t slot);
/* Where slot (slot) lies, NULL: there is none of that number. */
void *slots_at(const struct slots *s, uint32_t slot);

#endif /* ALLOC_SLOTS_H */
