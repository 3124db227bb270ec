/* SPDX-License-Identifier: ISC */
/*
 * The heap of the whole program, libraries included: allocations that fail as the
 * page says, and a count of what is in use. The program's own malloc() comes
 * before libc's, also for libc itself.
 */
#include "fault.h"

#include <errno.h>
#include <stddef.h>

/* What <malloc.h> and <stdlib.h> declare, who name their parameters with
 * underscores; and glibc's own names for what we replace. */
void *malloc(size_t bytes);
void *calloc(size_t n, size_t bytes);
void *realloc(void *old, size_t bytes);
void free(void *p);
extern size_t malloc_usable_size(void *p);
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t n, size_t bytes);
extern void *__libc_realloc(void *p, size_t bytes);
extern void __libc_free(void *p);

static void count(void *p, int sign)
{
    if (!p)
        return;
    __atomic_fetch_add(&fault_page->blocks, sign, __ATOMIC_RELAXED);
    __atomic_fetch_add(&fault_page->bytes,
                       sign * (int64_t)malloc_usable_size(p), __ATOMIC_RELAXED);
}

void *malloc(size_t bytes)
{
    void *p;

    if (fault_hit_plain(FAULT_MALLOC, __builtin_return_address(0)))
        return NULL;
    p = __libc_malloc(bytes);
    count(p, 1);
    return p;
}

void *calloc(size_t n, size_t bytes)
{
    void *p;

    if (fault_hit_plain(FAULT_MALLOC, __builtin_return_address(0)))
        return NULL;
    p = __libc_calloc(n, bytes);
    count(p, 1);
    return p;
}

void *realloc(void *old, size_t bytes)
{
    void *p;

    if (fault_hit_plain(FAULT_MALLOC, __builtin_return_address(0)))
        return NULL;
    count(old, -1);
    p = __libc_realloc(old, bytes);
    count(p ? p : old, 1);
    return p;
}

void free(void *p)
{
    count(p, -1);
    __libc_free(p);
}
