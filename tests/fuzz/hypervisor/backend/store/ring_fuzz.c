/* SPDX-License-Identifier: ISC */
/*
 * Two guests do with their xenstore rings what the input says; a third one
 * behaves, and must be answered whatever they do. Nothing may crash or leak, no
 * quota may be passed, nobody is told without reason.
 *
 * Input: a program. Each instruction is a byte, bit 0 the guest, the rest what
 * it does (enum action), and what that needs behind it.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <backend/store.h>
#include <base/compiler.h>
#include <ring/xenstore.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Longer programs are slow and find no more. */
#define SIZE_USED ((size_t)512)

enum action {
    SET_WORD,  /* 1 byte: which, 4 bytes: the value                         */
    REQUEST,   /* 1 byte: type, 1: transaction, 1: length, payload          */
    BYTES,     /* 1 byte: length, bytes: into the ring as they are          */
    RING,      /* the bell                                                  */
    READ_ALL,  /* takes all answers                                         */
    READ_SOME, /* 1 byte: so many bytes of them                             */
    RECONNECT, /* and the bell                                              */
    RENEW,     /* dies, and another one of its number comes                 */
    DRAIN,     /* has stopped: a last look                                  */
    LATER,     /* the loop runs                                             */
    NR_ACTIONS,
};

struct guest {
    struct xenstore_domain_interface *ring; /* ASan watches its end         */
    struct store_ring *r;
    domid_t domid;
    unsigned told;
};

static struct store *store;
static struct loop *loop;
static struct guest guests[3];
static const uint8_t *at, *end;

static void check(bool good)
{
    if (!good)
        abort();
}

static void notify(void *owner)
{
    ((struct guest *)owner)->told++;
}

static void complain(void *owner, const char *text)
{
    (void)owner;
    check(text[0] != '\0');
}

static void no_lock(void *ctx)
{
    (void)ctx;
}

static const struct store_events events = {notify, complain, no_lock, no_lock};

static void stop(struct loop_work *w)
{
    (void)w;
    loop_stop(loop);
}

/* What was posted until now is run. */
static void later(void)
{
    struct loop_work w = {.run = stop};

    loop_post(loop, &w);
    loop_run(loop);
}

static void birth(struct guest *g, domid_t domid)
{
    static const uint8_t uuid[3][16] = {{1}, {2}, {3}};
    const struct store_domain d = {
        .domid = domid, .uuid = uuid[domid - 1], .name = "fuzz"};
    struct store_ring_params p = {.domid = domid, .loop = loop, .owner = g};

    g->domid = domid;
    g->ring = p.ring = calloc(1, sizeof(*p.ring));
    check(g->ring && !store_domain_add(store_tree(store), &d));
    check(!store_ring_create(store, &p, &g->r));
}

static void death(struct guest *g)
{
    static const uint8_t uuid[3][16] = {{1}, {2}, {3}};

    store_ring_destroy(g->r);
    store_domain_remove(store_tree(store), g->domid, uuid[g->domid - 1]);
    store_flush(store);
    later();
    free(g->ring);
}

static unsigned next(void)
{
    return at < end ? *at++ : 0;
}

/* The bytes that the program has left, at most (len) of them. */
static size_t take(size_t len, const char **bytes)
{
    len = MIN(len, (size_t)(end - at));
    *bytes = (const char *)at;
    at += len;
    return len;
}

static void set_word(struct guest *g)
{
    struct xenstore_domain_interface *r = g->ring;
    uint32_t *const words[] = {&r->req_cons, &r->req_prod,   &r->rsp_cons,
                               &r->rsp_prod, &r->connection, &r->error};
    unsigned which = next() % ARRAY_SIZE(words);
    uint32_t value = 0;
    const char *bytes;
    size_t n = take(sizeof(value), &bytes);

    memcpy(&value, bytes, n);
    *words[which] = value;
}

static void put(struct guest *g, const void *bytes, size_t len)
{
    (void)xs_ring_write_req(g->ring, bytes, len); /* as far as it goes */
}

static void request(struct guest *g)
{
    struct xsd_sockmsg h = {.type = next(), .tx_id = next()};
    const char *bytes;

    h.len = (uint32_t)take(next(), &bytes);
    put(g, &h, sizeof(h));
    put(g, bytes, h.len);
}

static void act(struct guest *g, unsigned action)
{
    char buf[XENSTORE_RING_SIZE];
    const char *bytes;
    size_t n;

    switch (action) {
    case SET_WORD:
        set_word(g);
        break;
    case REQUEST:
        request(g);
        break;
    case BYTES:
        n = take(next(), &bytes);
        put(g, bytes, n);
        break;
    case RING:
        store_ring_event(g->r);
        break;
    case READ_ALL:
        g->ring->rsp_cons = g->ring->rsp_prod;
        break;
    case READ_SOME:
        (void)xs_ring_read_rsp(g->ring, buf, next());
        break;
    case RECONNECT:
        g->ring->connection = XENSTORE_RECONNECT;
        store_ring_event(g->r);
        break;
    case RENEW:
        death(g);
        birth(g, g->domid);
        break;
    case DRAIN:
        store_ring_drain(g->r);
        break;
    case LATER:
        later();
        break;
    }
}

/* The third guest reads its name. */
static void check_neighbour(void)
{
    struct guest *g = &guests[2];
    struct xsd_sockmsg h = {.type = XS_READ, .req_id = 9, .len = 5};
    char body[8];

    put(g, &h, sizeof(h));
    put(g, "name", 5);
    store_ring_event(g->r);
    check(xs_ring_read_rsp(g->ring, (char *)&h, sizeof(h)) == sizeof(h));
    check(h.type == XS_READ && h.req_id == 9 && h.len == 4);
    check(xs_ring_read_rsp(g->ring, body, 4) == 4 && !memcmp(body, "fuzz", 4));
}

static void check_quotas(void)
{
    struct xs_usage u;
    domid_t i;

    for (i = 1; i < 3; i++) {
        xs_domain_usage(store_tree(store), i, &u);
        check(u.watches <= XS_QUOTA_WATCHES && u.transactions <= XS_QUOTA_TXNS);
        check(u.nodes <= XS_QUOTA_NODES && u.memory < 2ul * XS_QUOTA_MEMORY);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    domid_t i;

    at = data;
    end = data + MIN(size, SIZE_USED);
    if (!loop)
        loop = loop_create();
    store = store_create(&events, NULL);
    check(loop && store);
    for (i = 0; i < 3; i++)
        birth(&guests[i], (domid_t)(i + 1));
    while (at < end) {
        unsigned op = next();
        struct guest *g = &guests[op & 1];

        g->told = 0;
        act(g, op / 2 % NR_ACTIONS);
        check(g->told <= 2 + (op / 2 % NR_ACTIONS >= RENEW));
        check_neighbour();
    }
    check_quotas();
    for (i = 0; i < 3; i++)
        death(&guests[i]);
    store_destroy(store);
    return 0;
}
