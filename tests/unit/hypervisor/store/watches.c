/* SPDX-License-Identifier: ISC */
/* Watches: who is told what, and in which order. */
#include "peer.h"

static void test_basic(void)
{
    struct peer *a = peer_new(0), *b = peer_new(0);

    is_int(ask(a, XS_WATCH, "/w|tok|"), 0, "watch a path that is missing");
    is_str(events(a), "/w|tok\n", "the first event");
    put(b, "/w", "1");
    is_str(events(a), "/w|tok\n", "made");
    put(b, "/w/x/y", "1");
    is_str(events(a), "/w/x/y|tok\n", "below: one event, of the path written");
    put(b, "/wx", "1");
    put(b, "/v", "1");
    is_str(events(a), "", "not of a neighbour");
    ask(a, XS_WATCH, "/w/x/y|deep|");
    ask(a, XS_WATCH, "/w/x/y/z|none|");
    events(a);
    ask(b, XS_RM, "/w|");
    is_str(events(a), "/w|tok\n/w/x/y|deep\n",
           "removal is told to those below, too, if they were there");
    ask(b, XS_RM, "/w|");
    is_str(events(a), "", "not twice");
    is_int(ask(a, XS_WATCH, "/w|tok|"), -XEN_EEXIST, "the same again");
    is_int(ask(a, XS_WATCH, "/w|tok2|"), 0, "another token");
    is_int(ask(a, XS_UNWATCH, "/w|nope|"), -XEN_ENOENT, "unwatch what is not");
    is_int(ask(a, XS_UNWATCH, "/w|tok2|"), 0, "unwatch");
    events(a);
    put(b, "/w", "1");
    is_str(events(a), "/w|tok\n", "only the other is left");
    is_int(ask(a, XS_RESET_WATCHES, "|"), 0, "reset_watches");
    put(b, "/w", "1");
    is_str(events(a), "", "silence");
    is_int(ask(a, XS_UNWATCH, "/w|tok|"), -XEN_ENOENT, "all are gone");
    ask(a, XS_WATCH, "/|root|");
    events(a);
    put(b, "/w", "1");
    ask(b, XS_SET_PERMS, "/w|n0|r5|");
    is_str(events(a), "/w|root\n", "same news, not read: told once");
    put(b, "/w/a", "1");
    put(b, "/w", "1");
    is_str(events(a), "/w/a|root\n/w|root\n", "in order");
    is_int(ask(a, XS_WATCH, "/a//b|t|"), -XEN_EINVAL, "a bad path");
    is_int(ask(a, XS_WATCH, "/a|"), -XEN_EINVAL, "no token");
    is_int(ask(a, XS_WATCH, "@nonsense|t|"), -XEN_EINVAL, "no such special");
    ask(b, XS_RM, "/w|");
    peer_free(a);
    peer_free(b);
}

static void test_guests(void)
{
    struct peer *a = peer_new(0), *g = peer_new(5);

    ask(g, XS_WATCH, "data|rel|");
    is_str(events(g), "data|rel\n", "relative, as asked");
    put(a, "/local/domain/5/data/x", "1");
    is_str(events(g), "data/x|rel\n", "relative");
    ask(g, XS_WATCH, "/local/domain/5/data|abs|");
    events(g);
    put(a, "/local/domain/5/data/x", "2");
    is_str(events(g), "data/x|rel\n/local/domain/5/data/x|abs\n", "absolute");
    put(g, "data/own", "1");
    is_str(events(g), "data/own|rel\n/local/domain/5/data/own|abs\n",
           "its own changes, too");
    ask(g, XS_WATCH, "/|root|");
    ask(g, XS_WATCH, "/secret|s|");
    events(g);
    put(a, "/secret", "1");
    put(a, "/secret/b", "1");
    ask(a, XS_RM, "/secret|");
    is_str(events(g), "", "nothing of what it may not read (XSA-115)");
    put(a, "/open", "1");
    ask(a, XS_SET_PERMS, "/open|r0|");
    is_str(events(g), "/open|root\n", "what it may");
    ask(a, XS_SET_PERMS, "/open|n0|");
    is_str(events(g), "/open|root\n", "the loss of that");
    put(a, "/open", "2");
    is_str(events(g), "", "and no more");
    peer_free(a);
    peer_free(g);
    xs_domain_remove(store, 5);
}

static void test_special(void)
{
    struct peer *a = peer_new(0), *g = peer_new(5), *h;

    ask(a, XS_WATCH, "@introduceDomain|i|");
    ask(a, XS_WATCH, "@releaseDomain|r|");
    ask(g, XS_WATCH, "@releaseDomain|r|");
    is_str(events(a), "@introduceDomain|i\n@releaseDomain|r\n", "first events");
    events(g);
    h = peer_new(6);
    is_str(events(a), "@introduceDomain|i\n", "a domain comes");
    xs_domain_shutdown(store, 6);
    is_str(events(a), "@releaseDomain|r\n", "it shuts down");
    xs_domain_shutdown(store, 6);
    is_str(events(a), "", "once");
    peer_free(h);
    xs_domain_remove(store, 6);
    is_str(events(a), "@releaseDomain|r\n", "it goes");
    is_str(events(g), "", "guests are not told (XSA-115)");
    is_str(perms(a, "@releaseDomain"), "n0|", "unless allowed");
    is_int(ask(g, XS_SET_PERMS, "@releaseDomain|n5|"), -XEN_EACCES,
           "not by it");
    is_int(ask(a, XS_SET_PERMS, "@releaseDomain|n0|r5|"), 0, "by domain 0");
    h = peer_new(6);
    peer_free(h);
    xs_domain_remove(store, 6);
    is_str(events(g), "@releaseDomain|r\n", "then they are");
    is_int(ask(a, XS_UNWATCH, "@introduceDomain|i|"), 0, "unwatch");
    is_int(ask(g, XS_WATCH, "/x|t|"), 0,
           "the list of specials is not a path's");
    peer_free(a);
    peer_free(g);
    xs_domain_remove(store, 5);
}

/* A domain's end removes its nodes, and says so. */
static void test_end(void)
{
    struct peer *a = peer_new(0), *g = peer_new(5);

    put(g, "data/k", "1");
    ask(a, XS_WATCH, "/local/domain|d|");
    ask(a, XS_WATCH, "/local/domain/5/data/k|k|");
    events(a);
    peer_free(g);
    xs_domain_remove(store, 5);
    is_str(events(a),
           "/local/domain/5/data/k|d\n/local/domain/5/data/k|k\n"
           "/local/domain/5/data|d\n",
           "the watchers see its nodes go");
    peer_free(a);
}

static void test_ready(void)
{
    struct peer *a = peer_new(0), *b = peer_new(0), *c = peer_new(0);

    while (xs_next_ready(store))
        ;
    ask(a, XS_WATCH, "/r|t|");
    ask(b, XS_WATCH, "/r|t|");
    while (xs_next_ready(store))
        ;
    put(c, "/r", "1");
    ok(xs_next_ready(store) == a->c, "a has something to send");
    ok(xs_next_ready(store) == b->c, "b, too");
    ok(xs_next_ready(store) == c->c, "c has its answer");
    ok(!xs_next_ready(store), "nobody else");
    put(c, "/r/x", "2");
    peer_free(b);
    ok(xs_next_ready(store) == a->c && xs_next_ready(store) == c->c,
       "one that is gone is not on the list");
    peer_free(a);
    peer_free(c);
}

void test_watches(void)
{
    setup();
    test_basic();
    test_guests();
    test_special();
    test_end();
    test_ready();
    teardown("watches");
}
