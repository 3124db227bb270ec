/* SPDX-License-Identifier: ISC */
/* The console ring. */
#include <ring/console.h>
#include "bytes.h"
#include <xen/io/console.h>

#define HALF(r, dir)                                                           \
    {                                                                          \
        (r)->dir, sizeof((r)->dir), &(r)->dir##_cons, &(r)->dir##_prod         \
    }

int cons_ring_read_out(volatile struct xencons_interface *r, char *buf,
                       size_t len)
{
    struct ring_half h = HALF(r, out);

    return ring_take(&h, buf, len);
}

int cons_ring_write_in(volatile struct xencons_interface *r, const char *buf,
                       size_t len)
{
    struct ring_half h = HALF(r, in);

    return ring_give(&h, buf, len);
}

int cons_ring_write_out(volatile struct xencons_interface *r, const char *buf,
                        size_t len)
{
    struct ring_half h = HALF(r, out);

    return ring_give(&h, buf, len);
}

int cons_ring_read_in(volatile struct xencons_interface *r, char *buf,
                      size_t len)
{
    struct ring_half h = HALF(r, in);

    return ring_take(&h, buf, len);
}
