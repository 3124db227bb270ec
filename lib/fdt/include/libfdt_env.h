/* SPDX-License-Identifier: ISC */
/* What libfdt wants of its surroundings: its tree is big-endian, we are not. */
#ifndef LIBFDT_ENV_H
#define LIBFDT_ENV_H

#include <base/string.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* fdt_ro.c */
#ifndef INT_MAX
#define INT_MAX __INT_MAX__
#endif

typedef uint16_t fdt16_t;
typedef uint32_t fdt32_t;
typedef uint64_t fdt64_t;

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the swaps below");

static inline uint16_t fdt16_to_cpu(fdt16_t x)
{
    return __builtin_bswap16(x);
}

static inline fdt16_t cpu_to_fdt16(uint16_t x)
{
    return __builtin_bswap16(x);
}

static inline uint32_t fdt32_to_cpu(fdt32_t x)
{
    return __builtin_bswap32(x);
}

static inline fdt32_t cpu_to_fdt32(uint32_t x)
{
    return __builtin_bswap32(x);
}

static inline uint64_t fdt64_to_cpu(fdt64_t x)
{
    return __builtin_bswap64(x);
}

static inline fdt64_t cpu_to_fdt64(uint64_t x)
{
    return __builtin_bswap64(x);
}

/* fdt_ro.c: aliases and the last component of a path. */
static inline char *strrchr(const char *s, int c)
{
    const char *last = NULL;

    do {
        if (*s == (char)c)
            last = s;
    } while (*s++);
    return (char *)(uintptr_t)last;
}

#endif /* LIBFDT_ENV_H */
