/* SPDX-License-Identifier: ISC */
/* The backend as a whole. */

#include <stdlib.h>
#include <string.h>
#include <host/fd.h>
#include <host/sysinfo.h>
#include "internal.h"

/* Most are small, and glibc's calloc() is slow with those. */
#define SMALL 1024u

static void *op_alloc(size_t bytes)
{
    void *p;

    if (bytes > SMALL)
        return calloc(1, bytes);
    p = malloc(bytes);
    if (p)
        memset(p, 0, bytes);
    return p;
}

struct store *store_create(const struct store_events *events, void *lock_ctx)
{
    struct store *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->events = events;
    s->lock_ctx = lock_ctx;
    s->listener.fd = s->spare_fd = -1;
    s->ops.alloc = op_alloc;
    s->ops.free = free;
    sysinfo_random(&s->ops.seed, sizeof(s->ops.seed));
    s->tree = xs_store_create(&s->ops);
    if (!s->tree) {
        free(s);
        return NULL;
    }
    return s;
}

struct xs_store *store_tree(struct store *s)
{
    return s->tree;
}

void store_flush(struct store *s)
{
    struct xs_conn *c;

    while ((c = xs_next_ready(s->tree))) {
        struct store_end *e = xs_conn_owner(c);

        /* Who has none takes the output himself. */
        if (e)
            e->flush(e);
    }
}

void store_destroy(struct store *s)
{
    if (!s)
        return;
    clients_close(s);
    fd_close(&s->listener.fd);
    fd_close(&s->spare_fd);
    xs_store_destroy(s->tree);
    free(s);
}
