/* SPDX-License-Identifier: ISC */
/* Hostile transactions (ATTACKS 31), and a store without memory. */
#include "peer.h"
#include <stdlib.h>

/* What transactions keep of the past is their domain's (ATTACKS 31). */
static void test_txn_memory(void)
{
    struct peer *g = peer_new(5), *a = peer_new(0);
    char path[2100];
    struct xs_usage u;
    unsigned i, n;
    int rc = 0;

    memset(path, 'v', sizeof(path));
    for (n = 0; n < XS_QUOTA_TXNS && !rc; n++) {
        begin(g);
        for (i = 0; i < 300 && !rc; i++) {
            snprintf(path, sizeof(path), "data/%u/%u", n, i % 150);
            path[strlen(path) + 1] = 'v';
            rc = ask_raw(g, XS_WRITE, path, strlen(path) + 1 + 2000);
        }
        g->tx = 0;
    }
    is_int(rc, -XEN_ENOMEM, "values in transactions use memory up");
    ok(n > 5, "in the %uth; the second write of a node costs nothing", n);
    xs_domain_usage(store, 5, &u);
    ok(u.memory <= XS_QUOTA_MEMORY, "not more than there is");
    is_str(get(a, "/local/domain/5/name"), "x", "others do not notice");
    ask(g, XS_RESET_WATCHES, "|");
    xs_domain_usage(store, 5, &u);
    ok(u.memory < 4096, "it comes back");
    /* So do names of what is not even there. */
    for (n = 0, rc = -XEN_ENOENT; n < 5 && rc == -XEN_ENOENT; n++) {
        begin(g);
        for (i = 0; i < XS_QUOTA_TXN_NODES && rc == -XEN_ENOENT; i++) {
            snprintf(path, sizeof(path), "data/%01990u", i);
            rc = ask_raw(g, XS_READ, path, strlen(path) + 1);
        }
        g->tx = 0;
    }
    is_int(rc, -XEN_ENOMEM, "names in transactions use memory up, too");
    xs_domain_usage(store, 5, &u);
    ok(u.memory <= XS_QUOTA_MEMORY, "not more than there is");
    peer_free(a);
    peer_free(g);
    xs_domain_remove(store, 5);
}

/* ATTACKS 31: transactions, many, large, forgotten, in conflict. */
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

void test_limits(void)
{
    setup();
    test_txn_memory();
    test_txn_quota();
    test_memory();
    teardown("limits");
}
