/* SPDX-License-Identifier: ISC */
/* Ranges in use; contract in base/ranges.h. */
#include <base/ranges.h>

#include <base/arith.h>
#include <base/compiler.h>

bool ranges_add(struct ranges *r, uint64_t start, uint64_t len)
{
    uint64_t end;

    if (!add_u64(start, len, &end))
        return false;
    if (len == 0)
        return true;
    if (r->count == r->max)
        return false;
    r->at[r->count++] = (struct range){start, end};
    return true;
}

/* The gap that begins at (start); empty if something lies there. */
static struct range gap_from(const struct ranges *r, uint64_t start,
                             uint64_t end, uint64_t align)
{
    struct range gap = {start, end};
    unsigned i;

    for (i = 0; i < r->count; i++) {
        const struct range *in_use = &r->at[i];

        if (in_use->end > start && in_use->start < gap.end)
            gap.end = MAX(in_use->start, start);
    }
    gap.end &= ~(align - 1);
    if (!align_up_u64(start, align, &gap.start) || gap.end < gap.start)
        gap.end = gap.start;
    return gap;
}

static uint64_t length(struct range r)
{
    return r.end - r.start;
}

/* A gap begins at (start) or behind something. */
struct range ranges_largest_gap(const struct ranges *r, uint64_t start,
                                uint64_t end, uint64_t align)
{
    struct range best = gap_from(r, start, end, align);
    unsigned i;

    for (i = 0; i < r->count; i++) {
        uint64_t from = r->at[i].end;
        struct range gap;

        if (from <= start || from >= end)
            continue;
        gap = gap_from(r, from, end, align);
        if (length(gap) > length(best))
            best = gap;
    }
    return best;
}
