/* SPDX-License-Identifier: ISC */
/* What a hostile domain may try: ATTACKS 29, 30 and 32. */
#include "peer.h"

/* ATTACKS 29: what is no message, or names no node. */
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
    is_int(ask(g, XS_READ, "@releaseDomain|"), -XEN_EINVAL, "a special path");
    is_int(ask_raw(g, 0xffffffffu, "", 0), -XEN_ENOSYS, "wild type");
    is_int(ask_raw(g, XS_WATCH_EVENT, "data\0t", 7), -XEN_ENOSYS, "an event");
    is_int(ask_raw(g, XS_ERROR, "EIO", 4), -XEN_ENOSYS, "an error");
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

/* Paths of the greatest length, and one more: relative and absolute ones. */
static void test_path_lengths(void)
{
    struct peer *g = peer_new(5), *a = peer_new(0);
    char path[4096] = "/local/domain/5/";
    const size_t home = strlen(path);

    memset(path + home, 'p', XENSTORE_REL_PATH_MAX + 1);
    is_int(put(g, path + home, ""), -XEN_EINVAL, "2049 relative bytes");
    is_int(put(a, path, ""), -XEN_EINVAL, "absolute, below the home, too");
    path[home + XENSTORE_REL_PATH_MAX] = '\0';
    is_str(get(g, path + home), "EACCES", "2048 are a path");
    is_str(get(a, path), "ENOENT", "in both ways");
    memset(path + 1, 'p', XENSTORE_ABS_PATH_MAX);
    is_int(put(a, path, ""), -XEN_EINVAL, "3073 bytes");
    path[XENSTORE_REL_PATH_MAX + 1] = '\0';
    is_int(put(a, path, ""), -XEN_EINVAL, "2049 elsewhere");
    path[XENSTORE_REL_PATH_MAX] = '\0';
    is_str(get(a, path), "ENOENT", "2048 elsewhere");
    peer_free(a);
    peer_free(g);
    xs_domain_remove(store, 5);
}

/* A connection that a client has released does not come back by itself. */
static void test_released(void)
{
    struct peer *g = peer_new(5), *a = peer_new(0);

    is_int(ask(a, XS_RELEASE, "5|"), 0, "released");
    xs_conn_reset(g->c);
    is_int(xs_conn_error(g->c), -XEN_EIO, "a reset does not help");
    is_int(ask(a, XS_INTRODUCE, "5|1|1|"), 0, "introduced");
    is_str(get(g, "name"), "x", "it is served");
    peer_free(a);
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

/* Also ATTACKS 31 and 32: the deepest path, and nodes in another's home. */
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

/* ATTACKS 30: more guests watch what they may not see than are looked through;
 * who may see is told all the same, once. */
static void test_watch_crowd(void)
{
    struct peer *g[20], *a = peer_new(0);
    unsigned i, told = 0;

    for (i = 0; i < 20; i++) {
        g[i] = peer_new((domid_t)(10 + i));
        ask(g[i], XS_WATCH, "/|root|");
        ask(g[i], XS_WATCH, "@releaseDomain|r|");
        events(g[i]);
    }
    ask(a, XS_WATCH, "/|root|");
    events(a);
    put(g[3], "data/x", "1");
    for (i = 0; i < 20; i++)
        told += events(g[i])[0] != '\0';
    is_int(told, 1, "of 20 watchers of everything one is told");
    put(g[3], "data/x", "2");
    is_str(events(g[3]), "/local/domain/13/data/x|root\n", "the right one");
    is_str(events(a), "/local/domain/13/data/x|root\n", "and clients");
    ask(a, XS_SET_PERMS, "/local/domain/13/data/x|n14|r15|r15|");
    is_str(events(g[4]), "/local/domain/13/data/x|root\n", "the new owner");
    is_str(events(g[5]), "/local/domain/13/data/x|root\n", "a reader, once");
    is_str(events(g[3]), "/local/domain/13/data/x|root\n", "the old owner");
    ask(a, XS_SET_PERMS, "/local/domain/13/data/x|r14|");
    for (i = 0, told = 0; i < 20; i++)
        told += !strcmp(events(g[i]), "/local/domain/13/data/x|root\n");
    is_int(told, 20, "what is open to all is told to all");
    ask(a, XS_SET_PERMS, "@releaseDomain|n0|r12|");
    peer_free(g[19]);
    xs_domain_remove(store, 29);
    is_str(events(g[2]), "@releaseDomain|r\n", "the special one as well");
    is_str(events(g[1]), "", "for those named");
    is_int(ask(a, XS_SET_TARGET, "16|17|"), 0, "16 stands in for 17");
    put(g[7], "data/y", "1");
    is_str(events(g[6]), "/local/domain/17/data/y|root\n", "and hears as 17");
    for (i = 0; i < 19; i++) {
        peer_free(g[i]);
        xs_domain_remove(store, (domid_t)(10 + i));
    }
    peer_free(a);
}

/* ATTACKS 30: watches, their tokens, and events that nobody reads. */
static void test_watch_quota(void)
{
    struct peer *g = peer_new(5), *a = peer_new(0);
    char payload[4096], path[64];
    struct xs_usage u;
    unsigned i, before;
    int rc = 0;

    for (i = 0; i < 300 && !rc; i++) {
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
    peer_take(g);
    before = g->nr_events;
    put(a, "/local/domain/5/data/long-name", "v");
    peer_take(g);
    is_int(g->nr_events, before,
           "an event that no message could hold is not sent");
    ok(xs_conn_lost(g->c) > 0, "but counted");
    is_str(get(g, "name"), "x", "all else goes on");
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

/* ATTACKS 32: write permission is not ownership (XSA-352). */
static void test_not_owner(void)
{
    struct peer *g = peer_new(5), *h = peer_new(6), *a = peer_new(0);

    put(h, "data/x", "1");
    ask(h, XS_SET_PERMS, "data|n6|b5|");
    ask(h, XS_SET_PERMS, "data/x|n6|b5|");
    is_int(put(g, "/local/domain/6/data/x", "2"), 0, "5 may write");
    is_int(ask(g, XS_SET_PERMS, "/local/domain/6/data/x|n6|b5|b7|"),
           -XEN_EACCES, "but not say who else may");
    is_int(ask(g, XS_SET_PERMS, "/local/domain/6/data/x|n5|"), -XEN_EACCES,
           "nor take it");
    is_int(ask(h, XS_SET_PERMS, "data/x|n5|"), -XEN_EPERM,
           "nor can 6 put it on 5's account (XSA-419)");
    is_str(perms(a, "/local/domain/6/data/x"), "n6|b5|", "nothing changed");
    peer_free(a);
    peer_free(g);
    peer_free(h);
    xs_domain_remove(store, 5);
    xs_domain_remove(store, 6);
}

/* ATTACKS 32: only domain 0 administers. */
static void test_privileged(void)
{
    static const unsigned types[] = {XS_CONTROL, XS_INTRODUCE, XS_RELEASE,
                                     XS_RESUME, XS_SET_TARGET};
    struct peer *g = peer_new(5);
    struct xs_usage u;
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(types); i++)
        is_int(ask(g, types[i], "5|6|7|"), -XEN_EACCES,
               "request %u is not for "
               "guests",
               types[i]);
    /* GET_FEATURE to SET_QUOTA of later versions of the protocol. */
    for (i = XS_DIRECTORY_PART + 1; i < XS_DIRECTORY_PART + 5; i++)
        is_int(ask(g, i, "5|nodes|100000|"), -XEN_ENOSYS, "%u is unknown", i);
    xs_domain_usage(store, 5, &u);
    ok(u.nodes < 10, "nothing has come of it");
    peer_free(g);
    xs_domain_remove(store, 5);
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
    test_path_lengths();
    test_released();
    test_node_quota();
    test_sizes();
    test_watch_crowd();
    test_watch_quota();
    test_outstanding();
    test_not_owner();
    test_privileged();
    test_build();
    teardown("hostile");
}
