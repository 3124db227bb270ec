/* SPDX-License-Identifier: ISC */
/*
 * mem* and str* for images and the monitor; contracts in base/string.h and
 * C11 7.24. Plain C, a word at a time: general registers only, the same for
 * every architecture. The module's flags keep the compiler from turning these
 * loops into calls of the functions they implement.
 */
#include <base/string.h>

#include <stdint.h>

/* Eight bytes at any address, of any type. */
typedef uint64_t word __attribute__((may_alias, aligned(1)));

void *memcpy(void *dst, const void *src, size_t n)
{
    char *d = dst;
    const char *s = src;

    for (; n >= sizeof(word); n -= sizeof(word)) {
        *(word *)(void *)d = *(const word *)(const void *)s;
        d += sizeof(word);
        s += sizeof(word);
    }
    while (n-- > 0)
        *d++ = *s++;
    return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
    char *d = dst;
    const char *s = src;

    /* Forwards is right unless dst lies inside [src, src + n). */
    if ((uintptr_t)d - (uintptr_t)s >= n)
        return memcpy(dst, src, n);
    d += n;
    s += n;
    for (; n >= sizeof(word); n -= sizeof(word)) {
        d -= sizeof(word);
        s -= sizeof(word);
        *(word *)(void *)d = *(const word *)(const void *)s;
    }
    while (n-- > 0)
        *--d = *--s;
    return dst;
}

void *memset(void *dst, int c, size_t n)
{
    char *d = dst;
    word pattern = 0x0101010101010101u * (unsigned char)c;

    for (; n >= sizeof(word); n -= sizeof(word)) {
        *(word *)(void *)d = pattern;
        d += sizeof(word);
    }
    while (n-- > 0)
        *d++ = (char)c;
    return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *p = a, *q = b;

    for (; n > 0; n--, p++, q++) {
        if (*p != *q)
            return *p < *q ? -1 : 1;
    }
    return 0;
}

void *memchr(const void *s, int c, size_t n)
{
    const unsigned char *p = s;

    for (; n > 0; n--, p++) {
        if (*p == (unsigned char)c)
            return (void *)(uintptr_t)p; /* C's memchr drops the const. */
    }
    return NULL;
}

size_t strlen(const char *s)
{
    const char *end = s;

    while (*end != '\0')
        end++;
    return (size_t)(end - s);
}

size_t strnlen(const char *s, size_t max)
{
    size_t n = 0;

    while (n < max && s[n] != '\0')
        n++;
    return n;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n > 0; n--, a++, b++) {
        if (*a != *b)
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        if (*a == '\0')
            return 0;
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c)
            return (char *)(uintptr_t)s; /* C's strchr drops the const. */
        if (*s == '\0')
            return NULL;
    }
}
