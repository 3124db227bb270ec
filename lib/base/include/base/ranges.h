/* SPDX-License-Identifier: ISC */
/* Ranges of addresses that are in use, and the largest gap between them. */
#ifndef BASE_RANGES_H
#define BASE_RANGES_H

#include <stdbool.h>
#include <stdint.h>

struct range {
    uint64_t start, end; /* [start, end)                                   */
};

/* In any order, overlapping or not; (at) is the caller's, of (max). */
struct ranges {
    struct range *at;
    unsigned count, max;
};

/* Adds [start, start + len); nothing for len 0. False when that leaves 64 bits,
 * or there is no room. */
bool ranges_add(struct ranges *r, uint64_t start, uint64_t len);

/* The largest part of [start, end) that is in none of them, its bounds multiples
 * of (align), a power of two; empty (start == end) if there is none. */
struct range ranges_largest_gap(const struct ranges *r, uint64_t start,
                                uint64_t end, uint64_t align);

#endif /* BASE_RANGES_H */
