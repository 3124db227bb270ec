/* SPDX-License-Identifier: ISC */
/* The other end of the ring: what the tests make it say. */
#include "xenbus_test.h"
#include <ring/xenstore.h>
#include <stdlib.h>
#include <tap.h>
#include <xen/errno.h>

struct xenstore_domain_interface ring;
struct xbc client;
size_t fail_after = SIZE_MAX;
size_t blocks;

static void *take_block(size_t size)
{
    void *block;

    if (fail_after != SIZE_MAX && fail_after-- == 0) {
        fail_after = SIZE_MAX;
        return NULL;
    }
    block = malloc(size);
    blocks += block != NULL;
    return block;
}

static void give_block(void *block)
{
    blocks -= block != NULL;
    free(block);
}

static void note_done(struct xenbus_request *r)
{
    if (r->on_done)
        r->on_done(r);
}

static void call_watch(struct xenbus_watch *w)
{
    w->fn(w, w->path);
}

static const struct xbc_ops ops = {take_block, give_block, note_done,
                                   call_watch};

void begin(uint32_t start)
{
    memset(&ring, 0, sizeof(ring));
    ring.req_cons = ring.req_prod = start;
    ring.rsp_cons = ring.rsp_prod = start;
    ring.server_features = XENSTORE_SERVER_FEATURE_ERROR;
    fail_after = SIZE_MAX;
    xbc_init(&client, &ring, &ops);
}

void drop_reply(struct xenbus_request *r)
{
    give_block(r->reply);
    r->reply = NULL;
}

void end(const char *what)
{
    struct xbc_event *e;

    while (xbc_next_event(&client, &e))
        give_block(e);
    xbc_die(&client);
    is_int(blocks, 0, "%s: nothing is left allocated", what);
}

static bool read_part(void *buf, size_t len)
{
    size_t done = 0;

    while (done < len) {
        int n = xs_ring_read_req(&ring, (char *)buf + done, len - done);

        if (n < 0)
            return false;
        done += (size_t)n;
        xbc_push(&client);
        if (n == 0 && ring.req_prod == ring.req_cons)
            return false;
    }
    return true;
}

int next_request(struct xsd_sockmsg *h, char body[XENSTORE_PAYLOAD_MAX])
{
    xbc_push(&client);
    if (!read_part(h, sizeof(*h)) || h->len > XENSTORE_PAYLOAD_MAX ||
        !read_part(body, h->len))
        return -1;
    return (int)h->len;
}

void put(const void *bytes, size_t len)
{
    is_int(xs_ring_write_rsp(&ring, bytes, len), len, "%zu bytes fit", len);
}

static bool put_all(const char *bytes, size_t len)
{
    size_t done = 0;

    while (done < len) {
        int n = xs_ring_write_rsp(&ring, bytes + done, len - done);

        if (n < 0)
            return false;
        done += (size_t)n;
        xbc_pull(&client);
        if (client.dead)
            return false;
    }
    return true;
}

bool answer(uint32_t type, uint32_t id, const void *body, size_t len)
{
    const struct xsd_sockmsg h = {
        .type = type, .req_id = id, .len = (uint32_t)len};

    if (!put_all((const char *)&h, sizeof(h)))
        return false;
    if (!put_all(body, len))
        return false;
    xbc_pull(&client);
    return !client.dead;
}
