/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes the guest's xenstore client. The input is a list of steps, one byte
 * each and its arguments: requests and watches of the guest, and what the store
 * puts in the ring, headers with a number that is right and bytes that are
 * anything, indices included. Whatever happens, every request is done in the
 * end and nothing is left allocated.
 */
#include <stdlib.h>
#include <string.h>
#include <ring/xenstore.h>
#include <xenbus/client.h>
#include <xenbus/directory.h>
#include <xenbus/frontend.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUESTS 8
#define WATCHES  3

static struct xenstore_domain_interface ring;
static struct xbc client;
static size_t blocks;
static bool no_memory;

struct input {
    const uint8_t *p, *end;
};

static unsigned byte(struct input *in)
{
    return in->p < in->end ? *in->p++ : 0u;
}

static void must(bool good)
{
    if (!good)
        abort();
}

static void *take(size_t size)
{
    void *block = no_memory ? NULL : malloc(size);

    blocks += block != NULL;
    return block;
}

static void give(void *block)
{
    blocks -= block != NULL;
    free(block);
}

static struct xenbus_request requests[REQUESTS];
static unsigned finished;

static void note_done(struct xenbus_request *r)
{
    must(r->done);
    finished++;
}

static void note_event(struct xenbus_watch *w)
{
    must(w->in_handler);
}

static const struct xbc_ops ops = {take, give, note_done, note_event};

static char rooms[REQUESTS][16];
static unsigned submitted;
static struct xenbus_watch watches[WATCHES];
static bool watched[WATCHES];

static void submit(struct input *in)
{
    static const char body[XENSTORE_PAYLOAD_MAX + 1];
    unsigned i = byte(in) % REQUESTS;
    struct xenbus_request *r = &requests[i];

    if (!r->done)
        return;
    if (r->reply != rooms[i])
        give(r->reply);
    memset(r, 0, sizeof(*r));
    r->type = byte(in) % (XS_TYPE_COUNT + 1);
    r->body = body;
    r->body_len = (size_t)byte(in) * 17;
    if (r->type & 1) {
        r->room = rooms[i];
        r->room_len = sizeof(rooms[i]);
    }
    if (xbc_submit(&client, r) == 0)
        submitted++;
    else
        r->done = true;
}

static void watch(struct input *in)
{
    unsigned i = byte(in) % WATCHES;
    char body[64];

    watched[i] = !watched[i];
    if (watched[i]) {
        watches[i].path = "device";
        watches[i].in_handler = i == 0;
        xbc_watch_add(&client, &watches[i]);
        must(xbc_watch_body(&watches[i], body, sizeof(body)) > 0);
    } else {
        xbc_watch_remove(&client, &watches[i]);
    }
}

/* A header; its number may be that of a request. */
static void put_header(struct input *in)
{
    unsigned i = byte(in);
    struct xsd_sockmsg h = {.type = byte(in), .len = byte(in)};

    h.req_id = i < REQUESTS ? requests[i].id : i;
    if (h.type == 0xff)
        h.len <<= 8;
    (void)xs_ring_write_rsp(&ring, (const char *)&h, sizeof(h));
}

static void put_bytes(struct input *in)
{
    size_t n = byte(in);

    n = MIN(n, (size_t)(in->end - in->p));
    (void)xs_ring_write_rsp(&ring, (const char *)in->p, n);
    in->p += n;
}

static void lie(struct input *in)
{
    uint32_t *words[] = {&ring.req_cons, &ring.req_prod, &ring.rsp_cons,
                         &ring.rsp_prod, &ring.error,    &ring.server_features};
    uint32_t *word = words[byte(in) % ARRAY_SIZE(words)];

    *word += (uint32_t)(int8_t)byte(in);
}

static void next_event(void)
{
    struct xbc_event *e;
    struct xenbus_watch *w = xbc_next_event(&client, &e);

    must(w || !e);
    if (w) {
        must(watched[w - watches] && !w->in_handler);
        must(w->count <= XBC_EVENTS_MAX);
    }
    if (e)
        must(strlen(e->path) < XENSTORE_PAYLOAD_MAX);
    give(e);
}

static void step(struct input *in)
{
    char buf[XENSTORE_RING_SIZE];

    switch (byte(in) % 10) {
    case 0:
        submit(in);
        break;
    case 1:
        xbc_push(&client);
        break;
    case 2:
        xbc_pull(&client);
        break;
    case 3:
        (void)xs_ring_read_req(&ring, buf, (size_t)byte(in) * 5);
        break;
    case 4:
        put_header(in);
        break;
    case 5:
        put_bytes(in);
        break;
    case 6:
        watch(in);
        break;
    case 7:
        next_event();
        break;
    case 8:
        no_memory = byte(in) & 1;
        break;
    default:
        lie(in);
    }
}

static void try_words(const uint8_t *data, size_t size)
{
    char text[256];
    size_t n = MIN(size, sizeof(text) - 1);
    unsigned index = 0;
    struct xbc_part part = {.end = false};

    memcpy(text, data, n);
    text[n] = '\0';
    if (xbc_part(&part, text, n) == 0)
        must(part.names + part.len <= text + n &&
             (part.len == 0 || part.names[part.len - 1] == '\0'));
    must(xbf_backend_state(text) < XBF_BACKEND_STATES);
    if (xbf_index(text, &index) == 0)
        must(index <= INT32_MAX && text[0] != '-');
    if (xbf_check_backend_path(text, 0, 7, 1) == 0)
        must(!strstr(text, "..") && !strncmp(text, "/local/domain/0/", 16));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    unsigned i;

    try_words(data, size);
    memset(&ring, 0, sizeof(ring));
    memset(requests, 0, sizeof(requests));
    memset(watched, 0, sizeof(watched));
    no_memory = false;
    submitted = finished = 0;
    ring.rsp_cons = ring.rsp_prod = UINT32_MAX - 300;
    ring.server_features = XENSTORE_SERVER_FEATURE_ERROR;
    for (i = 0; i < REQUESTS; i++)
        requests[i].done = true;
    xbc_init(&client, &ring, &ops);
    while (in.p < in.end)
        step(&in);
    xbc_die(&client);
    for (i = 0; i < REQUESTS; i++) {
        must(requests[i].done);
        if (requests[i].reply != rooms[i])
            give(requests[i].reply);
    }
    for (i = 0; i < WATCHES; i++)
        if (watched[i])
            xbc_watch_remove(&client, &watches[i]);
    must(blocks == 0 && submitted == finished);
    return 0;
}
