/* SPDX-License-Identifier: ISC */
/* Numbered slots with the free list inside; contract in alloc/slots.h. */
#include <alloc/slots.h>

void slots_init(struct slots *s, void **chunk, uint32_t per_chunk,
                uint32_t slot_bytes, uint32_t link_offset)
{
    *s = (struct slots){
        .chunk = chunk,
        .per_chunk = per_chunk,
        .slot_bytes = slot_bytes,
        .link_offset = link_offset,
        .first_free = SLOTS_NONE,
    };
}

void *slots_at(const struct slots *s, uint32_t slot)
{
    if (slot >= s->nr)
        return NULL;
    return (char *)s->chunk[slot / s->per_chunk] +
           (size_t)(slot % s->per_chunk) * s->slot_bytes;
}

/* The word of a slot that exists. */
static uint32_t *link_of(const struct slots *s, uint32_t slot)
{
    return (uint32_t *)(void *)((char *)slots_at(s, slot) + s->link_offset);
}

void slots_add(struct slots *s, void *chunk, uint32_t reserved)
{
    uint32_t first = s->nr, slot;

    s->chunk[first / s->per_chunk] = chunk;
    s->nr += s->per_chunk;
    /* From the end, so that low numbers are taken first. */
    for (slot = s->nr; slot > first + reserved; slot--)
        slots_give(s, slot - 1);
}

uint32_t slots_take(struct slots *s)
{
    uint32_t slot = s->first_free;

    if (slot == SLOTS_NONE)
        return SLOTS_NONE;
    s->first_free = *link_of(s, slot);
    s->nr_free--;
    return slot;
}

void slots_give(struct slots *s, uint32_t slot)
{
    *link_of(s, slot) = s->first_free;
    s->first_free = slot;
    s->nr_free++;
}
