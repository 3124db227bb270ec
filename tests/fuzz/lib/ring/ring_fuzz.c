/* SPDX-License-Identifier: ISC */
/*
 * The console ring with a hostile other end. The input is a program: each byte
 * either corrupts an index or the ring, or calls one of the four operations;
 * what they return must be possible, and their buffers must hold.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ring/console.h>
#include <xen/xen.h>
#include <xen/errno.h>
#include <xen/io/console.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int rc, size_t len)
{
    if (rc != -XEN_EIO && (rc < 0 || (size_t)rc > len))
        abort();
}

/* One operation on a buffer of exactly (len) bytes, so that ASan sees one too
 * many. */
static void operate(struct xencons_interface *r, unsigned op, size_t len)
{
    char *buf = malloc(len ? len : 1);

    if (!buf)
        return;
    memset(buf, 'x', len);
    switch (op) {
    case 0:
        check(cons_ring_read_out(r, buf, len), len);
        break;
    case 1:
        check(cons_ring_write_in(r, buf, len), len);
        break;
    case 2:
        check(cons_ring_write_out(r, buf, len), len);
        break;
    default:
        check(cons_ring_read_in(r, buf, len), len);
    }
    free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xencons_interface *r = calloc(1, sizeof(*r));
    uint32_t *const index[] = {&r->in_cons, &r->in_prod, &r->out_cons,
                               &r->out_prod};

    while (r && size >= 5) {
        uint32_t value;

        memcpy(&value, data + 1, sizeof(value));
        if (data[0] & 0x80)
            *index[data[0] & 3] = value;
        else
            operate(r, data[0] & 3, value % 5000);
        data += 5;
        size -= 5;
    }
    free(r);
    return 0;
}
