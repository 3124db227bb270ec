/* SPDX-License-Identifier: ISC */
/*
 * Arithmetic on numbers that somebody else chose. Each helper returns false
 * when the exact result does not fit, and then leaves (*out) unspecified.
 */
#ifndef BASE_ARITH_H
#define BASE_ARITH_H

#include <stdbool.h>
#include <stdint.h>
#include <base/compiler.h>

static inline __must_check bool add_u64(uint64_t a, uint64_t b, uint64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline __must_check bool mul_u64(uint64_t a, uint64_t b, uint64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* Rounds up to a multiple of (align), a power of two. */
static inline __must_check bool align_up_u64(uint64_t v, uint64_t align,
                                             uint64_t *out)
{
    if (!add_u64(v, align - 1, out))
        return false;
    *out &= ~(align - 1);
    return true;
}

/* Whether [off, off + len) lies inside [0, size). */
static inline bool range_inside(uint64_t off, uint64_t len, uint64_t size)
{
    return off <= size && len <= size - off;
}

#endif /* BASE_ARITH_H */
