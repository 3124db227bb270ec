/* SPDX-License-Identifier: ISC */
/*
 * The console ring (xen/include/public/io/console.h), from either side. The
 * other side is never trusted: indices are read once, and an index pair that
 * cannot be (more used bytes than the ring holds) is an error, not a loop.
 *
 * Memory order: an index is published with release after the bytes it covers,
 * and read with acquire before them.
 */
#ifndef RING_CONSOLE_H
#define RING_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

struct xencons_interface;

/* Consumer of guest output (backend). Copies at most (len) bytes that the guest
 * produced into (buf) and consumes them. Returns the number copied (0: empty),
 * or -XEN_EIO when the guest's indices are nonsense (nothing is consumed). */
int cons_ring_read_out(volatile struct xencons_interface *r, char *buf,
                       size_t len);
/* Producer of guest input (backend): returns bytes taken (0: full) or
 * -XEN_EIO. */
int cons_ring_write_in(volatile struct xencons_interface *r, const char *buf,
                       size_t len);
/* The frontend's two halves, same returns. */
int cons_ring_write_out(volatile struct xencons_interface *r, const char *buf,
                        size_t len);
int cons_ring_read_in(volatile struct xencons_interface *r, char *buf,
                      size_t len);

#endif /* RING_CONSOLE_H */
