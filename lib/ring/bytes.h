/* SPDX-License-Identifier: ISC */
/*
 * One direction of a byte ring. Indices run freely and wrap at 2^32; the byte
 * of index i is at i modulo the ring's size, a power of two. Both indices lie
 * where the other side can write them, so both are read once and only their
 * difference, checked, decides how much is copied.
 */
#ifndef RING_BYTES_H
#define RING_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct ring_half {
    volatile char *ring;
    uint32_t size;
    volatile uint32_t *cons, *prod;
};

/* Consumes and produces at most (len) bytes: the number, or -XEN_EIO. */
int ring_take(const struct ring_half *h, char *buf, size_t len);
int ring_give(const struct ring_half *h, const char *buf, size_t len);

#endif /* RING_BYTES_H */
