/* SPDX-License-Identifier: ISC */
/* Transactions: isolation, conflicts, and what is left when they end. */
#include "peer.h"
#include <stdlib.h>

static void test_isolation(struct peer *a, struct peer *b)
{
    put(a, "/t/old", "0");
    is_int(begin(a), 0, "start");
    is_int(ask(a, XS_TRANSACTION_START, "|"), -XEN_EBUSY, "not one in another");
    put(a, "/t/x", "1");
    put(a, "/t/d/e", "2");
    is_str(get(a, "/t/x"), "1", "its own writes are seen");
    is_str(list(a, "/t"), "old|x|d|", "in lists, too");
    is_str(get(b, "/t/x"), "ENOENT", "by nobody else");
    is_str(list(b, "/t"), "old|", "in lists neither");
    ask(b, XS_WATCH, "/t|w|");
    events(b);
    is_str(events(b), "", "nor are there events");
    ask(a, XS_RM, "/t/old|");
    is_str(get(a, "/t/old"), "ENOENT", "removed inside");
    is_str(get(b, "/t/old"), "0", "not outside");
    is_int(end(a, "T|"), 0, "commit");
    is_str(events(b), "/t/x|w\n/t/d/e|w\n/t/old|w\n",
           "all events at once, in the order of the changes");
    is_str(get(b, "/t/d/e"), "2", "everybody sees it");
    is_str(list(b, "/t"), "x|d|", "all of it");
    begin(a);
    put(a, "/t/x", "9");
    ask(a, XS_RM, "/t/d|");
    is_int(end(a, "F|"), 0, "abort");
    is_str(get(b, "/t/x"), "1", "changes nothing");
    is_str(get(b, "/t/d/e"), "2", "nothing at all");
    is_str(events(b), "", "and is not told");
    a->tx = 4711;
    is_str(get(a, "/t/x"), "ENOENT", "an unknown transaction");
    a->tx = 0;
    is_int(ask(a, XS_TRANSACTION_END, "T|"), -XEN_ENOENT, "none to end");
    begin(a);
    is_int(ask(a, XS_TRANSACTION_END, "X|"), -XEN_EINVAL, "neither T nor F");
    end(a, "F|");
    ask(b, XS_UNWATCH, "/t|w|");
    ask(a, XS_RM, "/t|");
}

/* What (a) does in its transaction against what (b) does meanwhile. */
static void test_conflicts(struct peer *a, struct peer *b)
{
    static const struct {
        const char *what;
        unsigned type;
        int rc;
        const char *mine;
        const char *other;
        unsigned other_type;
    } cases[] = {
        {"read, written", XS_READ, -XEN_EAGAIN, "/t/a|", "/t/a|2", XS_WRITE},
        {"read, removed", XS_READ, -XEN_EAGAIN, "/t/a|", "/t/a|", XS_RM},
        {"read missing, made", XS_READ, -XEN_EAGAIN, "/t/n|", "/t/n|2",
         XS_WRITE},
        {"listed, child made", XS_DIRECTORY, -XEN_EAGAIN, "/t|", "/t/n|2",
         XS_WRITE},
        {"listed, child written", XS_DIRECTORY, 0, "/t|", "/t/a|2", XS_WRITE},
        {"written, written", XS_WRITE, -XEN_EAGAIN, "/t/a|1", "/t/a|2",
         XS_WRITE},
        {"two children of one", XS_WRITE, -XEN_EAGAIN, "/t/m|1", "/t/n|2",
         XS_WRITE},
        {"written, neighbour written", XS_WRITE, 0, "/t/a|1", "/t/b|2",
         XS_WRITE},
        {"removed, below written", XS_RM, -XEN_EAGAIN, "/t/d|", "/t/d/e/f|2",
         XS_WRITE},
        {"removed, below made", XS_RM, -XEN_EAGAIN, "/t/d|", "/t/d/e/n|2",
         XS_WRITE},
        {"made below, parent gone", XS_WRITE, -XEN_EAGAIN, "/t/d/e/n|1",
         "/t/d|", XS_RM},
        {"permissions, written", XS_GET_PERMS, -XEN_EAGAIN, "/t/a|",
         "/t/a|n0|r1|", XS_SET_PERMS},
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        put(b, "/t/a", "0");
        put(b, "/t/b", "0");
        put(b, "/t/d/e/f", "0");
        begin(a);
        ask(a, cases[i].type, cases[i].mine);
        is_int(ask(b, cases[i].other_type, cases[i].other), 0, "%s: the other",
               cases[i].what);
        is_int(end(a, "T|"), cases[i].rc, "%s: the commit", cases[i].what);
        ask(b, XS_RM, "/t|");
    }
}

static void test_corners(struct peer *a, struct peer *b)
{
    /* XSA-421 */
    ask(b, XS_WATCH, "/t|w|");
    events(b);
    begin(a);
    put(a, "/t/x", "1");
    ask(a, XS_RM, "/t|");
    is_int(end(a, "T|"), 0, "made and removed");
    is_str(get(b, "/t"), "ENOENT", "nothing is there");
    is_str(events(b), "", "nothing happened");
    put(a, "/t/x/y", "1");
    put(a, "/t/x/z", "1");
    events(b);
    begin(a);
    ask(a, XS_RM, "/t/x|");
    put(a, "/t/x/z", "2");
    is_str(list(a, "/t/x"), "z|", "removed and made anew");
    is_int(end(a, "T|"), 0, "commit");
    is_str(list(b, "/t/x"), "z|", "what is new is there");
    is_str(get(b, "/t/x/z"), "2", "with its value");
    is_str(get(b, "/t/x/y"), "ENOENT", "what is old is not");
    begin(a);
    put(a, "/t/x/z", "3");
    ask(a, XS_SET_PERMS, "/t/x/z|n7|");
    is_str(perms(a, "/t/x/z"), "n7|", "permissions inside");
    end(a, "T|");
    is_str(perms(b, "/t/x/z"), "n7|", "and outside");
    begin(a);
    ask(b, XS_RM, "/t|");
    is_int(end(a, "T|"), 0, "what was not touched is no conflict");
    begin(a);
    put(a, "/t/forgotten", "1");
    ask(b, XS_UNWATCH, "/t|w|");
    a->tx = 0;
}

void test_txns(void)
{
    struct peer *a, *b;

    setup();
    a = peer_new(0);
    b = peer_new(0);
    test_isolation(a, b);
    test_conflicts(a, b);
    test_corners(a, b);
    peer_free(a); /* with one open */
    peer_free(b);
    teardown("transactions");
}
