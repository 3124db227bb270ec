/* SPDX-License-Identifier: ISC */
/* What a hostile domain may try: ATTACKS 29 to 32. */
#include "peer.h"
#include <stdlib.h>

static void test_framing(void)
{
    struct xsd_sockmsg h = {XS_READ, 1, 0, XENSTORE_PAYLOAD_MAX + 1};
    struct peer *g = peer_new(5);
    char big[XENSTORE_PAYLOAD_MAX];
    const void *bytes;

    memset(big, 'x', sizeof(big));
    is_int(ask_raw(g, XS_READ, big, sizeof(big)), -XEN_EINVAL, "4096, no NUL");
    is_int(ask_raw(g, XS_READ, "", 0), -XEN_EINVAL, "no payload");
    is_int(ask_raw(g, XS_WRITE, "data", 4), -XEN_EINVAL, "no NUL");
    is_int(ask_raw(g, XS_READ, "name\0x", 7), -XEN_EINVAL, "NUL inside");
    is_int(ask(g, XS_READ, "data/|"), -XEN_EINVAL, "trailing slash");
    is_int(ask(g, XS_READ, "data//x|"), -XEN_EINVAL, "double slash");
    is_int(ask(g, XS_READ, "d\xc3\xa4ta|"), -XEN_EINVAL, "not ASCII");
    is_int(ask(g, XS_READ, "../6/name|"), -XEN_EINVAL, "dots");
    is_int(ask_raw(g, 0xffffffffu, "", 0), -XEN_ENOSYS, "wild type");
    xs_conn_input(g->c, &h, sizeof(h));
    is_int(xs_conn_error(g->c), -XEN_E2BIG,
           "a payload of 4097: an error state");
    is_int(xs_conn_want(g->c), 0, "nothing more is read");
    ok(!xs_conn_output(g->c, &bytes), "nor answered");
    xs_conn_reset(g->c);
    is_str(get(g, "name"), "x", "until it reconnects");
    peer_free(g);
    xs_domain_remove(store, 5);
}

static void test_node_quota(void)
{
    struct peer *g = peer_new(5), *a = peer_new(0);
    struct xs_usage before, u;
    char path[64];
    int rc = 0;
    unsigned i;

    xs_domain_usage(store, 5, &before);
    for (i = 0; i < 2000 && !rc; i++) {
        snprintf(path, sizeof(path), "data/%u/%u", i / 40, i % 40);
        rc = put(g, path, "v");
    }
    is_int(rc, -XEN_ENOSPC, "nodes run out");
    xs_domain_usage(store, 5, &u);
    is_int(u.nodes, XS_QUOTA_NODES, "at the quota");
    is_str(get(g, path), "ENOENT", "the last one is not there");
    is_int(put(g, "data/0/0", "w"), 0, "it may still write what it has");
    is_int(put(a, "/local/domain/5/data/0/extra", "v"), 0,
           "domain 0 is not bound");
    is_int(ask(g, XS_RM, "data/0|"), 0, "and make room");
    is_int(put(g, "data/fresh", "v"), 0, "for others");
    for (i = 0, rc = 0; i < 2000 && !rc; i++) {
        snprintf(path, sizeof(path), "data/wide/%u", i);
        rc = ask(g, XS_RM, "data/1|");
        rc = rc ? rc : put(g, path, "v");
        if (!rc && i % 40 == 39) {
            snprintf(path, sizeof(path), "data/%u|", i / 40 + 1);
            ask(g, XS_RM, path);
        }
    }
    is_int(rc, -XEN_ENOSPC, "one directory has a size, too");
    ok(i > 300 && i < 800, "of 2048 bytes (%u children)", i);
    ask(g, XS_RM, "data|");
    xs_domain_usage(store, 5, &u);
    is_int(u.nodes, before.nodes - 1, "all is given back");
    peer_free(g);
    peer_free(a);
    xs_domain_remove(store, 5);
}

static void test_sizes(void)
{
    struct peer *g = peer_new(5), *h = peer_new(6);
    char big[XENSTORE_PAYLOAD_MAX], path[3000] = "data";
    unsigned i, n = 0;

    memset(big, 'v', sizeof(big));
    memcpy(big, "data/x", 7);
    is_int(ask_raw(g, XS_WRITE, big, 7 + 2040), 0, "a value of 2040");
    is_int(ask_raw(g, XS_WRITE, big, 7 + 2049), -XEN_ENOSPC, "not of 2049");
    /* A path as deep as it gets, removed at once (XSA-418). */
    for (i = 4; i + 2 <= 1800; i += 2, n++)
        memcpy(path + i, "/d", 3);
    is_int(put(g, path, "deep"), 0, "a path %u deep", n);
    is_str(get(g, path), "deep", "is there");
    is_int(ask(g, XS_RM, "data/d|"), 0, "and goes");
    is_int(put(g, path, "deep"), 0, "again");
    begin(g);
    is_int(ask(g, XS_RM, "data/d|"), 0, "in a transaction");
    is_int(end(g, "T|"), 0, "too");
    /* XSA-419: others' nodes do not help. */
    ask(h, XS_SET_PERMS, "data|b6|");
    is_int(put(g, "/local/domain/6/data/mine", "1"), 0, "in another's home");
    is_str(perms(g, "/local/domain/6/data/mine"), "b5|", "is still its own");
    is_int(ask(g, XS_SET_PERMS, "/local/domain/6/data/mine|b6|"), -XEN_EPERM,
           "and cannot be given away");
    peer_free(h);
    xs_domain_remove(store, 6);
    is_str(get(g, "/local/domain/6/data/mine"), "EACCES", "gone with the home");
    peer_free(g);
    xs_domain_remove(store, 5);
}

static void test_watch_quota(void)
{
    struct peer *g = peer_new(5), *a = peer_new(0);
    char payload[4096], path[64];
    struct xs_usage u;
    unsigned i;
    int rc = 0;

    for (i = 0; i < 200 && !rc; i++) {
        snprintf(payload, sizeof(payload), "data/%u|t|", i);
        rc = ask(g, XS_WATCH, payload);
    }
    is_int(rc, -XEN_E2BIG, "the 129th watch");
    is_int(i, XS_QUOTA_WATCHES + 1, "not before");
    ask(g, XS_RESET_WATCHES, "|");
    memset(payload, 'k', sizeof(payload));
    memcpy(payload, "data", 5);
    payload[4095] = '\0';
    is_int(ask_raw(g, XS_WATCH, payload, 4096), 0, "a huge token");
    for (i = 5; i < 1800; i++)
        payload[i] = i % 2 ? '/' : 'd';
    payload[4] = '/';
    payload[5] = 'd';
    for (i = 4; i < 1800; i += 2)
        memcpy(payload + i, "/d", 2);
    payload[1800] = '\0';
    for (i = 0, rc = 0; i < 100 && !rc; i++) {
        snprintf(payload + 1801, 16, "%u", i);
        rc = ask_raw(g, XS_WATCH, payload, 1801 + strlen(payload + 1801) + 1);
    }
    is_int(rc, -XEN_ENOMEM, "deep watches cost memory");
    ask(g, XS_RESET_WATCHES, "|");
    xs_domain_usage(store, 5, &u);
    ok(u.memory < 4096 && !u.watches, "which comes back");

    /* Never reads: events pile up to its quota and no further (XSA-326). */
    ask(g, XS_WATCH, "data|t|");
    for (i = 0; i < 60000; i++) {
        snprintf(path, sizeof(path), "/local/domain/5/data/%u", i % 3);
        put(a, path, "v");
    }
    xs_domain_usage(store, 5, &u);
    ok(u.memory <= XS_QUOTA_MEMORY, "unread events stay within its memory");
    ok(xs_conn_lost(g->c) > 0, "and are dropped then");
    is_str(get(a, "/local/domain/5/name"), "x", "others are served");
    peer_take(g);
    is_str(get(g, "name"), "x", "and it, once it has read");
    peer_free(g);
    peer_free(a);
    xs_domain_remove(store, 5);
}

static void test_outstanding(void)
{
    struct xsd_sockmsg h = {XS_READ, 1, 0, 5};
    struct peer *g = peer_new(5);
    unsigned i;

    for (i = 0; i < 100 && xs_conn_want(g->c); i++) {
        xs_conn_input(g->c, &h, sizeof(h));
        xs_conn_input(g->c, "name", 5);
    }
    is_int(i, XS_QUOTA_OUTSTANDING, "20 answers may wait, then it must read");
    peer_take(g);
    is_int(xs_conn_want(g->c), sizeof(h), "and is served on");
    peer_free(g);
    xs_domain_remove(store, 5);
}

static void test_txn_quota(void)
{
    struct peer *g = peer_new(5), *a = peer_new(0);
    struct xs_usage u, before;
    char path[64];
    unsigned i;
    int rc = 0;

    xs_domain_usage(store, 5, &before);
    for (i = 0; i < 20 && !rc; i++)
        rc = ask(g, XS_TRANSACTION_START, "|");
    is_int(rc, -XEN_ENOSPC, "the 11th transaction");
    is_int(i, XS_QUOTA_TXNS + 1, "not before");
    ask(g, XS_RESET_WATCHES, "|");
    begin(g);
    for (i = 0, rc = -XEN_ENOENT; i < 2000 && rc == -XEN_ENOENT; i++) {
        snprintf(path, sizeof(path), "data/%u", i);
        ask_raw(g, XS_READ, path, strlen(path) + 1);
        rc = g->rc;
    }
    is_int(rc, -XEN_ENOSPC, "the 1025th node of one");
    is_int(i, XS_QUOTA_TXN_NODES + 1, "not before");
    end(g, "F|");
    /* Two transactions within the quota each, not together. */
    for (i = 0; i < 900; i++) {
        snprintf(path, sizeof(path), "data/%u/%u", i / 100, i % 100);
        put(g, path, "");
    }
    begin(g);
    for (i = 0; i < 60; i++) {
        snprintf(path, sizeof(path), "data/x/%u", i);
        put(g, path, "");
    }
    is_int(g->rc, 0, "60 more in a transaction");
    rc = (int)g->tx;
    g->tx = 0;
    for (i = 0; i < 60; i++) {
        snprintf(path, sizeof(path), "data/0/y%u", i);
        put(g, path, "");
    }
    is_int(g->rc, 0, "60 more outside");
    g->tx = (uint32_t)rc;
    is_int(end(g, "T|"), -XEN_ENOSPC, "cannot both be (XSA-415)");
    xs_domain_usage(store, 5, &u);
    ok(u.nodes <= XS_QUOTA_NODES && !u.transactions, "the quota holds");
    ask(g, XS_RM, "data|");
    xs_domain_usage(store, 5, &u);
    ok(u.memory < before.memory && u.nodes < before.nodes,
       "aborts and failures give everything back");
    /* Conflicting for ever: domain 0 gets through between two tries. */
    begin(g);
    get(g, "name");
    put(a, "/local/domain/5/name", "y");
    is_int(end(g, "T|"), -XEN_EAGAIN, "a conflict is only its own");
    peer_free(g);
    peer_free(a);
    xs_domain_remove(store, 5);
}

/* Every allocation of a busy sequence fails once. */
static void test_memory(void)
{
    static const struct {
        unsigned type;
        const char *payload;
    } steps[] = {
        {XS_WRITE, "/m/a/b|1"},       {XS_WATCH, "/m/a|t|"},
        {XS_WRITE, "/m/a/b|22"},      {XS_SET_PERMS, "/m/a|n0|r5|"},
        {XS_TRANSACTION_START, "|"},  {XS_WRITE, "/m/a/b/c/d|3"},
        {XS_RM, "/m/a/b|"},           {XS_WRITE, "/m/new|4"},
        {XS_SET_PERMS, "/m/new|n8|"}, {XS_DIRECTORY, "/m|"},
        {XS_TRANSACTION_END, "T|"},   {XS_RM, "/m|"},
    };
    unsigned n, i;
    bool failed = true;

    for (n = 1; failed && n < 500; n++) {
        struct peer *a = peer_new(0);

        alloc_fail = (long)n;
        for (i = 0; i < ARRAY_SIZE(steps); i++) {
            ask(a, steps[i].type, steps[i].payload);
            if (steps[i].type == XS_TRANSACTION_START && !a->rc)
                a->tx = (uint32_t)strtoul(a->body, NULL, 10);
            if (steps[i].type == XS_TRANSACTION_END)
                a->tx = 0;
        }
        failed = alloc_fail == 0;
        alloc_fail = 0;
        peer_free(a);
        xs_rm(store, "/m");
    }
    ok(n > 20 && n < 500, "%u allocations failed in turn, nothing broke", n);
}

static void test_build(void)
{
    static const struct xs_leaf leaves[] = {
        {"name", "n", XS_ACCESS_READ},
        {"control", "", XS_ACCESS_READ},
        {"control/shutdown", "", XS_ACCESS_OWN},
        {"console", "", XS_ACCESS_NONE},
    };
    static const struct xs_leaf orphan[] = {{"no/parent", "", XS_ACCESS_OWN}};
    struct peer *a = peer_new(0);

    xs_rm(store, "/local/domain/5");
    is_int(xs_domain_add(store, 5), 0, "a domain");
    is_int(xs_domain_add(store, 5), -XEN_EEXIST, "once");
    ask(a, XS_WATCH, "/local/domain/5/control/shutdown|t|");
    events(a);
    is_int(xs_build(store, "/local/domain/5", 5, leaves, 4), 0, "its nodes");
    is_str(events(a), "/local/domain/5/control/shutdown|t\n", "are told of");
    is_str(perms(a, "/local/domain/5"), "n0|r5|", "base");
    is_str(perms(a, "/local/domain/5/control/shutdown"), "n5|", "its own");
    is_str(perms(a, "/local/domain/5/console"), "n0|", "domain 0's");
    is_str(list(a, "/local/domain/5"), "name|control|console|", "all there");
    is_int(xs_build(store, "/local/domain/5", 5, orphan, 1), -XEN_EINVAL,
           "a missing parent");
    is_int(xs_rm(store, "/local/domain/5"), 0, "removed");
    xs_domain_remove(store, 5);
    peer_free(a);
}

void test_hostile(void)
{
    setup();
    test_framing();
    test_node_quota();
    test_sizes();
    test_watch_quota();
    test_outstanding();
    test_txn_quota();
    test_memory();
    test_build();
    teardown("hostile");
}
