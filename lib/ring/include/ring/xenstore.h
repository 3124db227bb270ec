/* SPDX-License-Identifier: ISC */
/*
 * The xenstore ring (xen/include/public/io/xs_wire.h), from either side: bytes
 * of messages, whose boundaries it does not know. Trust and memory order are
 * those of ring/console.h.
 */
#ifndef RING_XENSTORE_H
#define RING_XENSTORE_H

#include <stddef.h>
#include <stdint.h>

struct xenstore_domain_interface;

/* The store's halves. Each returns the number of bytes copied, at most (len),
 * or -XEN_EIO when the guest's indices are nonsense (nothing has moved). */
int xs_ring_read_req(volatile struct xenstore_domain_interface *r, char *buf,
                     size_t len);
int xs_ring_write_rsp(volatile struct xenstore_domain_interface *r,
                      const char *buf, size_t len);
/* The guest's halves, same returns. */
int xs_ring_write_req(volatile struct xenstore_domain_interface *r,
                      const char *buf, size_t len);
int xs_ring_read_rsp(volatile struct xenstore_domain_interface *r, char *buf,
                     size_t len);

#endif /* RING_XENSTORE_H */
