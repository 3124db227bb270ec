/* SPDX-License-Identifier: ISC */
/* A store with many domains, and two that ask it something. */
#include "world.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ring/xenstore.h>

static void notify(void *owner)
{
    ((struct world *)owner)->notified++;
}

static void complain(void *owner, const char *text)
{
    (void)owner;
    fprintf(stderr, "midge-bench-store: %s\n", text);
}

static void no_lock(void *ctx)
{
    (void)ctx;
}

static const struct store_events events = {notify, complain, no_lock, no_lock};

unsigned world_random(struct world *w, unsigned n)
{
    w->random = w->random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((w->random >> 33) % n);
}

/* --- a ring ------------------------------------------------------------------*/

void ring_put(struct world *w, unsigned type, uint32_t tx, const char *payload,
              size_t len)
{
    const struct xsd_sockmsg h = {type, 1, tx, (uint32_t)len};

    /* It fits: the callers' requests are short. */
    (void)xs_ring_write_req(w->ring, (const char *)&h, sizeof(h));
    (void)xs_ring_write_req(w->ring, payload, len);
}

void ring_serve(struct world *w, unsigned id)
{
    store_ring_event(w->rings[id]);
}

void ring_drop(struct world *w)
{
    w->ring->rsp_cons = w->ring->rsp_prod;
}

const char *ring_get(struct world *w)
{
    static char body[XENSTORE_RING_SIZE + 1];
    struct xsd_sockmsg h;

    if (xs_ring_read_rsp(w->ring, (char *)&h, sizeof(h)) != sizeof(h) ||
        h.len >= sizeof(body) || h.type == XS_ERROR ||
        xs_ring_read_rsp(w->ring, body, h.len) != (int)h.len)
        return NULL;
    body[h.len] = '\0';
    return body;
}

/* --- a client ----------------------------------------------------------------*/

const char *client_ask(struct world *w, unsigned type, const char *payload,
                       size_t payload_len, size_t *len)
{
    const struct xsd_sockmsg h = {type, 1, 0, (uint32_t)payload_len};
    static char body[XENSTORE_PAYLOAD_MAX];
    const void *bytes;
    struct xsd_sockmsg a = {.type = XS_ERROR};

    xs_conn_input(w->client, &h, sizeof(h));
    if (payload_len)
        xs_conn_input(w->client, payload, payload_len);
    /* The answer, and events that came before or after it. */
    while ((*len = xs_conn_output(w->client, &bytes))) {
        struct xsd_sockmsg m;

        memcpy(&m, bytes, sizeof(m));
        if (m.type != XS_WATCH_EVENT) {
            a = m;
            memcpy(body, (const char *)bytes + sizeof(m), m.len);
        }
        xs_conn_sent(w->client, *len);
    }
    *len = a.len;
    return a.type == XS_ERROR ? NULL : body;
}

/* --- domains -----------------------------------------------------------------*/

static void uuid_of(unsigned id, uint8_t uuid[16])
{
    memset(uuid, 0x5a, 16);
    memcpy(uuid, &id, sizeof(id));
}

static int add_nodes(struct world *w, unsigned id)
{
    uint8_t uuid[16];
    char name[32];
    const struct store_domain d = {
        .domid = (domid_t)id,
        .uuid = uuid,
        .name = name,
        .memory_kb = 16384,
        .maxmem_kb = 16384,
        .store_port = 1,
        .console_port = 2,
        .store_mfn = 4096,
        .console_mfn = 4097,
        .start_s = 1700000000,
    };

    uuid_of(id, uuid);
    (void)snprintf(name, sizeof(name), "guest-%u", id); /* fits */
    return store_domain_add(store_tree(w->store), &d);
}

static int connect_ring(struct world *w, unsigned id)
{
    const struct store_ring_params p = {
        .domid = (domid_t)id, .loop = w->loop, .ring = w->ring, .owner = w};

    return store_ring_create(w->store, &p, &w->rings[id]);
}

int world_birth(struct world *w, unsigned id)
{
    int rc = add_nodes(w, id);

    if (!rc)
        rc = connect_ring(w, id);
    store_flush(w->store);
    return rc;
}

void world_death(struct world *w, unsigned id)
{
    uint8_t uuid[16];

    store_ring_destroy(w->rings[id]);
    w->rings[id] = NULL;
    uuid_of(id, uuid);
    store_domain_remove(store_tree(w->store), (domid_t)id, uuid);
    store_flush(w->store);
}

static double heap(void)
{
    struct mallinfo2 m = mallinfo2();

    return (double)(m.uordblks + m.hblkhd);
}

static int fill(struct world *w)
{
    double at = heap(), now;
    unsigned i;
    int rc = 0;

    for (i = 1; i <= w->nr && !rc; i++)
        rc = add_nodes(w, i);
    now = heap();
    w->use.nodes = (now - at) / w->nr;
    at = now;
    for (i = 1; i <= w->nr && !rc; i++)
        rc = connect_ring(w, i);
    now = heap();
    w->use.connection = (now - at) / w->nr;
    at = now;
    for (i = 1; i <= w->nr && !rc; i++) {
        ring_put(w, XS_WATCH, 0, "control/shutdown\0k", 19);
        ring_serve(w, i);
        ring_drop(w);
    }
    w->use.watch = (heap() - at) / w->nr;
    return rc;
}

int world_make(struct world *w, unsigned nr)
{
    *w = (struct world){.nr = nr, .random = 1};
    w->loop = loop_create();
    w->store = store_create(&events, NULL);
    w->ring = calloc(1, sizeof(*w->ring));
    w->rings = calloc(nr + 2, sizeof(struct store_ring *));
    if (w->loop && w->store && w->ring && w->rings && !fill(w) &&
        !xs_conn_create(store_tree(w->store), 0, NULL, &w->client))
        return 0;
    fprintf(stderr, "midge-bench-store: out of memory\n");
    return -1;
}

void world_free(struct world *w)
{
    unsigned i;

    if (w->client)
        xs_conn_destroy(w->client);
    for (i = 1; w->rings && i <= w->nr; i++)
        if (w->rings[i])
            world_death(w, i);
    store_destroy(w->store);
    if (w->loop)
        loop_destroy(w->loop);
    free(w->rings);
    free(w->ring);
}
