/* SPDX-License-Identifier: ISC */
/* The xenstore ring. */
#include <ring/xenstore.h>
#include "bytes.h"
#include <stdint.h>
#include <xen/io/xs_wire.h>

#define HALF(r, dir)                                                           \
    {                                                                          \
        (r)->dir, sizeof((r)->dir), &(r)->dir##_cons, &(r)->dir##_prod         \
    }

int xs_ring_read_req(volatile struct xenstore_domain_interface *r, char *buf,
                     size_t len)
{
    struct ring_half h = HALF(r, req);

    return ring_take(&h, buf, len);
}

int xs_ring_write_rsp(volatile struct xenstore_domain_interface *r,
                      const char *buf, size_t len)
{
    struct ring_half h = HALF(r, rsp);

    return ring_give(&h, buf, len);
}

int xs_ring_write_req(volatile struct xenstore_domain_interface *r,
                      const char *buf, size_t len)
{
    struct ring_half h = HALF(r, req);

    return ring_give(&h, buf, len);
}

int xs_ring_read_rsp(volatile struct xenstore_domain_interface *r, char *buf,
                     size_t len)
{
    struct ring_half h = HALF(r, rsp);

    return ring_take(&h, buf, len);
}
