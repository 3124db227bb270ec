/* SPDX-License-Identifier: ISC */
/* A client for the tests, speaking the wire protocol to a connection. */
#include "peer.h"
#include <stdlib.h>

struct xs_store *store;
long allocs, alloc_fail;

static void *test_alloc(size_t bytes)
{
    if (alloc_fail > 0 && --alloc_fail == 0)
        return NULL;
    allocs++;
    return calloc(1, bytes);
}

static void test_free(void *p)
{
    allocs--;
    free(p);
}

void setup(void)
{
    static const struct xs_ops ops = {test_alloc, test_free, 12345};

    allocs = 0;
    store = xs_store_create(&ops);
    ok(store != NULL, "a store");
}

void teardown(const char *what)
{
    xs_store_destroy(store);
    is_int(allocs, 0, "%s: nothing is leaked", what);
}

struct peer *peer_new(domid_t domid)
{
    struct peer *p = calloc(1, sizeof(*p));
    struct xs_usage u;

    if (domid) {
        char home[XS_HOME_MAX];
        static const struct xs_leaf leaves[] = {
            {"name", "x", XS_ACCESS_READ},
            {"data", "", XS_ACCESS_OWN},
        };

        xs_domain_usage(store, domid, &u);
        xs_home(domid, home);
        if (xs_domain_add(store, domid) ||
            xs_build(store, home, domid, leaves, 2))
            abort();
    }
    if (xs_conn_create(store, domid, p, &p->c))
        abort();
    xs_domain_introduce(store, domid);
    return p;
}

void peer_free(struct peer *p)
{
    xs_conn_destroy(p->c);
    free(p);
}

/* Takes one message; false when there is none. */
static bool take_one(struct peer *p)
{
    struct xsd_sockmsg h;
    char buf[sizeof(h) + XENSTORE_PAYLOAD_MAX], *body = buf + sizeof(h);
    const void *bytes;
    size_t n, at = 0;

    /* In two runs, to see that parts work. */
    n = xs_conn_output(p->c, &bytes);
    if (!n)
        return false;
    if (n < sizeof(h) || n > sizeof(buf))
        abort();
    memcpy(buf, bytes, 7);
    xs_conn_sent(p->c, 7);
    at = 7;
    n = xs_conn_output(p->c, &bytes);
    memcpy(buf + at, bytes, n);
    xs_conn_sent(p->c, n);
    memcpy(&h, buf, sizeof(h));
    if (at + n != sizeof(h) + h.len)
        abort();
    if (h.type == XS_WATCH_EVENT) {
        const char *token = body + strlen(body) + 1;

        if (strlen(p->events) + h.len + 2 < sizeof(p->events))
            snprintf(p->events + strlen(p->events),
                     sizeof(p->events) - strlen(p->events), "%s|%s\n", body,
                     token);
        p->nr_events++;
        return true;
    }
    p->rc = h.type == XS_ERROR ? xs_error_number(body, h.len) : 0;
    p->len = h.len;
    memcpy(p->body, body, h.len);
    p->body[h.len] = '\0';
    return true;
}

void peer_take(struct peer *p)
{
    while (take_one(p))
        ;
}

int ask_raw(struct peer *p, unsigned type, const void *payload, size_t len)
{
    static uint32_t id = 0xfffffff0u;
    struct xsd_sockmsg h = {type, ++id, p->tx, (uint32_t)len};
    char buf[sizeof(h) + XENSTORE_PAYLOAD_MAX];
    size_t at = 0, want;

    memcpy(buf, &h, sizeof(h));
    memcpy(buf + sizeof(h), payload, len);
    len += sizeof(h);
    p->rc = 1;
    while (at < len) {
        want = xs_conn_want(p->c);
        if (!want)
            return p->rc = 2;
        want = want > 5 ? want / 2 : want;
        xs_conn_input(p->c, buf + at, want);
        at += want;
    }
    peer_take(p);
    return p->rc;
}

int ask(struct peer *p, unsigned type, const char *payload)
{
    char buf[XENSTORE_PAYLOAD_MAX];
    size_t i, len = strlen(payload);

    for (i = 0; i < len; i++)
        buf[i] = payload[i] == '|' ? '\0' : payload[i];
    return ask_raw(p, type, buf, len);
}

const char *events(struct peer *p)
{
    static char copy[sizeof(p->events)];

    peer_take(p);
    memcpy(copy, p->events, sizeof(copy));
    p->events[0] = '\0';
    return copy;
}

/* The answer as text. */
static const char *text(struct peer *p)
{
    size_t i;

    if (p->rc)
        return p->rc < 0 ? xs_error_name(p->rc) : "(no answer)";
    for (i = 0; i < p->len; i++)
        if (!p->body[i])
            p->body[i] = '|';
    return p->body;
}

static const char *ask_path(struct peer *p, unsigned type, const char *path)
{
    ask_raw(p, type, path, strlen(path) + 1);
    return text(p);
}

const char *get(struct peer *p, const char *path)
{
    return ask_path(p, XS_READ, path);
}

const char *list(struct peer *p, const char *path)
{
    return ask_path(p, XS_DIRECTORY, path);
}

const char *perms(struct peer *p, const char *path)
{
    return ask_path(p, XS_GET_PERMS, path);
}

int put(struct peer *p, const char *path, const char *value)
{
    char buf[XENSTORE_PAYLOAD_MAX];
    size_t n = strlen(path) + 1;

    memcpy(buf, path, n);
    for (const char *v = value; *v; v++)
        buf[n++] = *v; /* no NUL: the value is the rest of the payload */
    return ask_raw(p, XS_WRITE, buf, n);
}

int begin(struct peer *p)
{
    int rc = ask(p, XS_TRANSACTION_START, "|");

    if (!rc)
        p->tx = (uint32_t)strtoul(p->body, NULL, 10);
    return rc;
}

int end(struct peer *p, const char *how)
{
    int rc = ask(p, XS_TRANSACTION_END, how);

    p->tx = 0;
    return rc;
}
