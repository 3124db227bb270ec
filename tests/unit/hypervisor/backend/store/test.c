/* SPDX-License-Identifier: ISC */
/* The xenstore backend: hostile rings, and clients on a real socket. */
#include <backend/store.h>
#include <host/fd.h>
#include <host/socket.h>
#include <ring/xenstore.h>
#include <stdlib.h>
#include <unistd.h>
#include <tap.h>

struct guest {
    struct xenstore_domain_interface ring;
    struct store_ring *r;
    unsigned notified, complained;
    char said[256];
};

static struct store *store;
static struct loop *loop;

static void notify(void *owner)
{
    ((struct guest *)owner)->notified++;
}

static void complain(void *owner, const char *text)
{
    struct guest *g = owner;

    g->complained++;
    snprintf(g->said, sizeof(g->said), "%s", text);
}

static void no_lock(void *ctx)
{
    (void)ctx;
}

static const struct store_events ev = {notify, complain, no_lock, no_lock};

static unsigned rounds;

static void run_round(struct loop_work *w)
{
    if (rounds--)
        loop_post(loop, w);
    else
        loop_stop(loop);
}

/* Lets the loop do what is ready, and what that leads to. */
static void turn(void)
{
    struct loop_work round = {.run = run_round};

    rounds = 8;
    loop_post(loop, &round);
    loop_run(loop);
}

static struct guest *guest_new(domid_t domid)
{
    static const struct xs_leaf leaves[] = {
        {"name", "me", XS_ACCESS_READ},
        {"data", "", XS_ACCESS_OWN},
    };
    struct guest *g = calloc(1, sizeof(*g));
    struct store_ring_params p = {domid, loop, &g->ring, g};
    char home[XS_HOME_MAX];

    xs_home(domid, home);
    if (xs_domain_add(store_tree(store), domid) ||
        xs_build(store_tree(store), home, domid, leaves, 2) ||
        store_ring_create(store, &p, &g->r))
        abort();
    return g;
}

static void guest_free(struct guest *g, domid_t domid)
{
    store_ring_destroy(g->r);
    xs_domain_remove(store_tree(store), domid);
    turn();
    free(g);
}

/* Puts one request in the ring; false when it does not fit. */
static bool send_request(struct guest *g, unsigned type, const char *payload,
                         size_t len)
{
    struct xsd_sockmsg h = {type, 77, 0, (uint32_t)len};
    char buf[2048];

    memcpy(buf, &h, sizeof(h));
    memcpy(buf + sizeof(h), payload, len);
    if (XENSTORE_RING_SIZE - (g->ring.req_prod - g->ring.req_cons) <
        sizeof(h) + len)
        return false;
    return xs_ring_write_req(&g->ring, buf, sizeof(h) + len) ==
           (int)(sizeof(h) + len);
}

/* The next answer's payload, NULL when there is none. */
static const char *answer(struct guest *g)
{
    static char body[4097];
    struct xsd_sockmsg h;

    if (xs_ring_read_rsp(&g->ring, (char *)&h, sizeof(h)) != sizeof(h))
        return NULL;
    if (xs_ring_read_rsp(&g->ring, body, h.len) != (int)h.len)
        return "(cut)";
    body[h.len] = '\0';
    return body;
}

static void test_ring(void)
{
    struct guest *g = guest_new(3);
    unsigned i;

    is_int(g->ring.server_features, 3, "features: reconnection, error");
    ok(send_request(g, XS_READ, "name", 5), "a request");
    store_ring_event(g->r);
    is_int(g->notified, 1, "the guest is told once");
    is_str(answer(g), "me", "the answer");
    /* Many requests, one event. */
    for (i = 0; i < 10; i++)
        ok(send_request(g, XS_READ, "name", 5), "pipelined");
    store_ring_event(g->r);
    is_int(g->notified, 2, "ten answers, one notification");
    for (i = 0; i < 10; i++)
        is_str(answer(g), "me", "each of them");
    store_ring_event(g->r);
    is_int(g->notified, 2, "nothing to do, nothing told");
    guest_free(g, 3);
}

static void test_no_reader(void)
{
    static char payload[700] = "data/x";
    struct guest *g = guest_new(3), *h = guest_new(4);
    unsigned sent = 0, got = 0;

    memset(payload + 7, 'v', sizeof(payload) - 7);
    ok(send_request(g, XS_WRITE, payload, sizeof(payload)), "a long value");
    store_ring_event(g->r);
    is_str(answer(g), "OK", "is written");
    while (sent < 1000 && send_request(g, XS_READ, "data/x", 7)) {
        sent++;
        store_ring_event(g->r);
    }
    ok(sent < 100, "who does not read gets stuck (%u requests)", sent);
    ok(send_request(h, XS_READ, "name", 5), "another domain");
    store_ring_event(h->r);
    is_str(answer(h), "me", "is served");
    while (got < sent) {
        struct xsd_sockmsg hd;
        char body[1024];
        int n = xs_ring_read_rsp(&g->ring, (char *)&hd, sizeof(hd));

        if (n != sizeof(hd))
            break;
        while (hd.len) {
            n = xs_ring_read_rsp(&g->ring, body, hd.len);
            hd.len -= (uint32_t)n;
            store_ring_event(g->r);
        }
        got++;
        store_ring_event(g->r);
    }
    is_int(got, sent, "once it reads it gets everything");
    guest_free(g, 3);
    guest_free(h, 4);
}

static void test_hostile(void)
{
    static const struct {
        uint32_t req_cons, req_prod, rsp_cons, rsp_prod;
    } lies[] = {
        {0, 1025, 0, 0}, {1, 0, 0, 0},     {0, 0x80000000u, 0, 0},
        {0, 21, 1, 0},   {0, 21, 5000, 0},
    };
    size_t i;

    for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        struct guest *g = guest_new(3);

        send_request(g, XS_READ, "name", 5);
        g->ring.req_cons = lies[i].req_cons;
        g->ring.req_prod = lies[i].req_prod;
        g->ring.rsp_cons = lies[i].rsp_cons;
        g->ring.rsp_prod = lies[i].rsp_prod;
        store_ring_event(g->r);
        is_int(g->ring.error, XENSTORE_ERROR_RINGIDX, "lie %zu: an error", i);
        is_int(g->complained, 1, "told once");
        store_ring_event(g->r);
        store_ring_drain(g->r);
        is_int(g->complained, 1, "really");
        g->ring.connection = XENSTORE_RECONNECT;
        store_ring_event(g->r);
        is_int(g->ring.connection, XENSTORE_CONNECTED, "it may reconnect");
        is_int(g->ring.error, XENSTORE_ERROR_NONE, "without the error");
        ok(send_request(g, XS_READ, "name", 5), "a request");
        store_ring_event(g->r);
        is_str(answer(g), "me", "and goes on");
        guest_free(g, 3);
    }
}

static void test_protocol_error(void)
{
    struct xsd_sockmsg h = {XS_READ, 1, 0, 4097};
    struct guest *g = guest_new(3);

    is_int(xs_ring_write_req(&g->ring, (char *)&h, sizeof(h)), sizeof(h),
           "a header that promises too much");
    store_ring_event(g->r);
    is_int(g->ring.error, XENSTORE_ERROR_PROTO, "is a protocol error");
    ok(strstr(g->said, "longer than"), "which is explained: %s", g->said);
    guest_free(g, 3);
}

/* More requests than are served in one go. */
static void test_batch(void)
{
    struct guest *g = guest_new(3);
    char buf[XENSTORE_RING_SIZE];
    unsigned i, n = 0;

    /* Behind 16 zero bytes of header there is no payload: CONTROL, refused. */
    g->ring.req_prod = 1024;
    store_ring_event(g->r);
    for (i = 0; i < 20; i++) {
        n += (unsigned)xs_ring_read_rsp(&g->ring, buf, sizeof(buf));
        store_ring_event(g->r);
        turn();
    }
    is_int(n, 64 * (16 + 7), "every one of 64 requests is answered");
    store_ring_event(g->r);
    guest_free(g, 3); /* with work posted or not */
}

/* --- clients ----------------------------------------------------------------------*/

static const char *roundtrip(int fd, unsigned type, const char *payload,
                             size_t len)
{
    static char body[4097];
    struct xsd_sockmsg h = {type, 5, 0, (uint32_t)len};

    if (fd_write_all(fd, &h, sizeof(h)) || fd_write_all(fd, payload, len))
        return "(write failed)";
    turn();
    turn();
    if (fd_read(fd, &h, sizeof(h)) != sizeof(h))
        return "(no header)";
    if (h.len && fd_read(fd, body, h.len) != (long)h.len)
        return "(no body)";
    body[h.len] = '\0';
    return body;
}

static void test_clients(void)
{
    char dir[] = "/tmp/midge-store-XXXXXX", path[64];
    struct guest *g = guest_new(3);
    struct xsd_sockmsg h = {XS_READ, 5, 0, 4097};
    char text[256];
    int fd, a, b;

    ok(mkdtemp(dir) != NULL, "a directory");
    snprintf(path, sizeof(path), "%s/socket", dir);
    fd = socket_listen(path);
    is_int(store_listen(store, loop, fd, geteuid()), 0, "listens");
    a = socket_connect(path);
    b = socket_connect(path);
    is_int(fd_set_nonblock(a) | fd_set_nonblock(b), 0, "two clients");
    turn();
    is_str(roundtrip(a, XS_READ, "/local/domain/3/name", 21), "me", "read");
    is_str(roundtrip(b, XS_WATCH, "/local/domain/3\0t", 18), "OK", "watch");
    is_int(fd_read(b, text, sizeof(text)), sizeof(h) + 18, "its first event");
    ok(send_request(g, XS_WRITE, "data/k\0v", 8), "a guest writes");
    store_ring_event(g->r);
    turn();
    is_int(fd_read(b, text, sizeof(text)), sizeof(h) + 25, "a client hears");
    is_str(text + sizeof(h), "/local/domain/3/data/k", "of it");
    is_int(fd_write_all(a, &h, sizeof(h)), 0, "a message too long");
    turn();
    turn();
    is_int(fd_read(a, text, sizeof(text)), 0, "ends the client");
    is_str(roundtrip(b, XS_READ, "/local/domain/3/data/k", 23), "v",
           "and no other");
    close(a);
    guest_free(g, 3);
    store_destroy(store);
    is_int(fd_read(b, text, sizeof(text)) >= 0, 1, "the end");
    close(b);
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    loop = loop_create();
    store = store_create(&ev, NULL);
    ok(loop && store, "a backend");
    test_ring();
    test_no_reader();
    test_hostile();
    test_protocol_error();
    test_batch();
    test_clients();
    loop_destroy(loop);
    return tap_done();
}
