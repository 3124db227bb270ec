/* SPDX-License-Identifier: ISC */
/*
 * Copies bytes through the console ring. Indices run freely and wrap at 2^32;
 * the byte of index i is at i modulo the ring's size, a power of two. Both
 * indices lie where the other side can write them, so both are read once and
 * only their difference, checked, decides how much is copied.
 */
#include <ring/console.h>
#include <base/compiler.h>
#include <base/string.h>
#include <xen/errno.h>
#include <xen/io/console.h>

/* One direction of the ring. */
struct half {
    volatile char *ring;
    uint32_t size;
    volatile uint32_t *cons, *prod;
};

#define HALF(r, dir)                                                           \
    {                                                                          \
        (r)->dir, sizeof((r)->dir), &(r)->dir##_cons, &(r)->dir##_prod         \
    }

/* The run from index (idx) on that stays within (n) bytes and the ring's end.*/
static uint32_t run(const struct half *h, uint32_t idx, uint32_t n)
{
    return MIN(n, h->size - (idx & (h->size - 1)));
}

static int take(const struct half *h, char *buf, size_t len)
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

static int give(const struct half *h, const char *buf, size_t len)
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

int cons_ring_read_out(volatile struct xencons_interface *r, char *buf,
                       size_t len)
{
    struct half h = HALF(r, out);

    return take(&h, buf, len);
}

int cons_ring_write_in(volatile struct xencons_interface *r, const char *buf,
                       size_t len)
{
    struct half h = HALF(r, in);

    return give(&h, buf, len);
}

int cons_ring_write_out(volatile struct xencons_interface *r, const char *buf,
                        size_t len)
{
    struct half h = HALF(r, out);

    return give(&h, buf, len);
}

int cons_ring_read_in(volatile struct xencons_interface *r, char *buf,
                      size_t len)
{
    struct half h = HALF(r, in);

    return take(&h, buf, len);
}
