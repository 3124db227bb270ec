/* SPDX-License-Identifier: ISC */
/* Copies bytes through one direction of a ring shared with somebody else. */
#include "bytes.h"
#include <base/compiler.h>
#include <base/string.h>
#include <xen/xen.h>
#include <xen/errno.h>

/* The run from index (idx) on that stays within (n) bytes and the ring's end.*/
static uint32_t run(const struct ring_half *h, uint32_t idx, uint32_t n)
{
    return MIN(n, h->size - (idx & (h->size - 1)));
}

int ring_take(const struct ring_half *h, char *buf, size_t len)
{
    uint32_t cons = *h->cons;
    /* Acquire: the bytes before prod were written before it was. */
    uint32_t prod = __atomic_load_n(h->prod, __ATOMIC_ACQUIRE);
    uint32_t used = prod - cons, n, first;
    const char *ring = (const char *)(uintptr_t)h->ring;

    if (used > h->size)
        return -XEN_EIO;
    n = (uint32_t)MIN(len, used);
    first = run(h, cons, n);
    memcpy(buf, ring + (cons & (h->size - 1)), first);
    memcpy(buf + first, ring, n - first);
    /* Release: the bytes have been read before the producer may reuse them. */
    __atomic_store_n(h->cons, cons + n, __ATOMIC_RELEASE);
    return (int)n;
}

int ring_give(const struct ring_half *h, const char *buf, size_t len)
{
    uint32_t prod = *h->prod;
    /* Acquire: the consumer has read what it freed. */
    uint32_t cons = __atomic_load_n(h->cons, __ATOMIC_ACQUIRE);
    uint32_t used = prod - cons, n, first;
    char *ring = (char *)(uintptr_t)h->ring;

    if (used > h->size)
        return -XEN_EIO;
    n = (uint32_t)MIN(len, h->size - used);
    first = run(h, prod, n);
    memcpy(ring + (prod & (h->size - 1)), buf, first);
    memcpy(ring, buf + first, n - first);
    /* Release: the bytes are there before the index that covers them. */
    __atomic_store_n(h->prod, prod + n, __ATOMIC_RELEASE);
    return (int)n;
}
