/* SPDX-License-Identifier: ISC */
/* Nodes, permissions, long directories, domains. */
#include "peer.h"
#include <stdlib.h>

static void test_nodes(void)
{
    struct peer *a = peer_new(0);

    is_int(put(a, "/a/b/c", "value"), 0, "write makes parents");
    is_str(a->body, "OK", "and says OK");
    is_str(get(a, "/a/b/c"), "value", "read gives the value, no NUL");
    is_str(get(a, "/a/b"), "", "parents are empty");
    is_str(get(a, "/a/x"), "ENOENT", "a missing one");
    is_int(ask_raw(a, XS_WRITE, "/a/bin\0\0\1\xff", 10), 0, "any bytes");
    ask(a, XS_READ, "/a/bin|");
    ok(a->len == 3 && !memcmp(a->body, "\0\1\xff", 3), "come back");
    is_int(put(a, "/a/b/c", ""), 0, "write an empty value");
    is_str(get(a, "/a/b/c"), "", "which is empty");
    is_int(ask(a, XS_MKDIR, "/a/d|"), 0, "mkdir");
    is_int(ask(a, XS_MKDIR, "/a/b|"), 0, "mkdir of one that exists");
    is_str(list(a, "/a"), "b|bin|d|", "directory, oldest first");
    is_str(list(a, "/a/d"), "", "an empty one");
    is_int(ask(a, XS_RM, "/a/b|"), 0, "rm");
    is_str(get(a, "/a/b/c"), "ENOENT", "takes all below");
    is_int(ask(a, XS_RM, "/a/b|"), 0, "rm of a missing one: fine");
    is_int(ask(a, XS_RM, "/a/b/c|"), -XEN_ENOENT, "but not without parent");
    is_int(ask(a, XS_RM, "/|"), -XEN_EINVAL, "the root stays");
    is_int(ask(a, XS_RM, "/a|"), 0, "rm");
    is_int(put(a, "x", "1"), 0, "a relative path");
    is_str(get(a, "/local/domain/0/x"), "1", "is below the home");
    is_int(ask(a, XS_GET_DOMAIN_PATH, "77|"), 0, "get_domain_path");
    is_str(a->body, "/local/domain/77", "needs no domain");
    is_int(ask(a, 99, "|"), -XEN_ENOSYS, "unknown type");
    is_int(ask(a, XS_WATCH_EVENT, "|"), -XEN_ENOSYS, "a type for answers");
    is_int(ask(a, XS_SET_TARGET + 1, "|"), -XEN_ENOSYS, "a type removed");
    peer_free(a);
}

static void test_perms_rules(void)
{
    struct peer *a = peer_new(0), *g = peer_new(5), *h = peer_new(6);

    is_str(get(g, "name"), "x", "a guest reads what it may");
    is_str(perms(g, "name"), "n0|r5|", "and its permissions");
    is_int(put(g, "name", "y"), -XEN_EACCES, "but does not write it");
    is_str(get(g, "/local/domain/6/name"), "EACCES", "nor read another's");
    is_str(get(g, "/local/domain/6/none"), "EACCES",
           "nor learn what is missing there");
    is_str(get(g, "none"), "ENOENT", "as it does at home");
    is_str(list(g, "/local/domain"), "EACCES", "nor list domains");
    is_int(put(g, "data/a/b", "1"), 0, "it writes below data");
    is_str(perms(g, "data/a"), "n5|", "what it makes is its own");
    is_int(ask(g, XS_SET_PERMS, "data/a|n5|r6|"), 0, "and gives rights");
    is_str(get(h, "/local/domain/5/data/a"), "", "that work");
    is_int(put(h, "/local/domain/5/data/a", "z"), -XEN_EACCES, "r is not w");
    is_int(ask(g, XS_SET_PERMS, "data/a|n6|"), -XEN_EPERM,
           "but not ownership (XSA-352)");
    is_int(ask(h, XS_SET_PERMS, "/local/domain/5/data/a|n5|b6|"), -XEN_EACCES,
           "only the owner does");
    is_int(ask(g, XS_SET_PERMS, "name|b5|"), -XEN_EACCES, "really");
    is_int(ask(a, XS_SET_PERMS, "/local/domain/5/data/a|b6|"), 0,
           "domain 0 may");
    is_str(perms(a, "/local/domain/5/data/a"), "b6|", "change the owner");
    is_int(put(g, "data/a", "2"), 0, "the default is for all others");
    is_int(ask(a, XS_SET_PERMS, "/local/domain/5/data/a|x6|"), -XEN_EINVAL,
           "nonsense");
    is_int(ask(a, XS_SET_PERMS, "/nowhere|n0|"), -XEN_ENOENT, "nowhere");
    is_int(ask(a, XS_SET_PERMS, "/|"), -XEN_EINVAL, "no permissions at all");
    is_int(ask(a, XS_SET_PERMS, "/|n5|"), -XEN_EINVAL, "the root is not given");
    is_int(ask(a, XS_SET_PERMS, "/|n0|w6|"), 0, "only opened");
    is_int(put(h, "/by-6", ""), 0, "to others");
    is_str(perms(a, "/by-6"), "n6|w6|", "whose nodes are theirs");
    is_int(ask(g, XS_SET_PERMS, "data|n5|r1|r2|r3|r4|"), 0, "five entries");
    is_int(ask(g, XS_SET_PERMS, "data|n5|r1|r2|r3|r4|r7|"), -XEN_ENOSPC,
           "six are too many");
    peer_free(a);
    peer_free(g);
    peer_free(h);
}

/* A number that a new domain has inherits nothing (XSA-322). */
static void test_reuse(void)
{
    struct peer *a = peer_new(0), *g = peer_new(9);

    put(a, "/shared", "s");
    ask(a, XS_SET_PERMS, "/shared|n0|b9|");
    put(a, "/given/below", "s");
    ask(a, XS_SET_PERMS, "/given|n9|");
    is_str(get(g, "/shared"), "s", "the first domain 9 may read");
    is_int(put(g, "/shared", "t"), 0, "and write");
    peer_free(g);
    xs_domain_remove(store, 9);
    is_str(get(a, "/given"), "ENOENT", "its nodes go with it");
    is_str(get(a, "/shared"), "t", "those of others stay");
    put(a, "/before", "s");
    ask(a, XS_SET_PERMS, "/before|n9|");
    g = peer_new(9);
    is_str(get(g, "/shared"), "EACCES", "the second domain 9 may not");
    is_str(perms(a, "/shared"), "n0|", "the old entry is not shown");
    is_str(get(g, "/before"), "EACCES",
           "nor does it get what the number was given before");
    ask(a, XS_SET_PERMS, "/shared|n0|r9|");
    is_str(get(g, "/shared"), "t", "until it is allowed anew");
    peer_free(g);
    xs_domain_remove(store, 9);
    ask(a, XS_RM, "/shared|");
    peer_free(a);
}

/* All of a directory by DIRECTORY_PART. */
static size_t list_parts(struct peer *p, const char *path, char *all)
{
    size_t len = 0, n;
    char payload[128];

    for (;;) {
        int m = snprintf(payload, sizeof(payload), "%s%c%zu", path, 0, len);

        if (ask_raw(p, XS_DIRECTORY_PART, payload, (size_t)m + 1))
            return 0;
        n = strlen(p->body) + 1;
        memcpy(all + len, p->body + n, p->len - n);
        len += p->len - n;
        if (len >= 1 && !all[len - 1] && (len == 1 || !all[len - 2]))
            return len - 1;
    }
}

static void test_long_directory(void)
{
    static char want[200000], got[200000];
    struct peer *a = peer_new(0);
    size_t len = 0, i;
    char path[64];

    for (i = 0; i < 10000; i++) {
        snprintf(path, sizeof(path), "/many/child-%zu", i * 7919 % 10000);
        put(a, path, "");
        len += (size_t)sprintf(want + len, "%s", path + 6) + 1;
    }
    is_str(list(a, "/many"), "E2BIG", "10,000 children are too many at once");
    is_int(list_parts(a, "/many", got), len, "in parts all come");
    ok(!memcmp(want, got, len), "in order");
    begin(a);
    put(a, "/many/new", "");
    is_int(list_parts(a, "/many", got), len + 4, "also in a transaction");
    end(a, "F|");
    ask(a, XS_DIRECTORY_PART, "/many|0|");
    i = strtoul(a->body, NULL, 10);
    put(a, "/many/other", "");
    ask(a, XS_DIRECTORY_PART, "/many|4000|");
    ok(strtoul(a->body, NULL, 10) != i, "a change changes the generation");
    is_int(ask(a, XS_DIRECTORY_PART, "/many|999999999|"), 0, "behind the end");
    is_int(a->len, strlen(a->body) + 2, "there is only the end");
    is_int(ask(a, XS_DIRECTORY_PART, "/many|-1|"), -XEN_EINVAL, "negative");
    is_int(ask(a, XS_DIRECTORY_PART, "/many|"), -XEN_EINVAL, "no offset");
    ask(a, XS_RM, "/many/child-5|");
    is_str(get(a, "/many/child-5"), "ENOENT", "one of them goes");
    is_str(get(a, "/many/child-4"), "", "the others stay");
    ask(a, XS_RM, "/many|");
    peer_free(a);
}

/* Children come and go in an order of their own; whoever is there is found,
 * whoever is not is not. */
static void test_churn(void)
{
    enum { NR = 97, ROUNDS = 6000 };
    struct peer *a = peer_new(0);
    bool there[NR] = {false};
    unsigned i, k = 1, wrong = 0;
    char path[64];

    for (i = 0; i < ROUNDS; i++) {
        unsigned n = (k = k * 1103515245u + 12345u) / 65536 % NR;

        snprintf(path, sizeof(path), "/churn/c%u", n);
        if (there[n])
            wrong += xs_rm(store, path) != 0;
        else
            wrong += xs_write(store, path, "v", 1) != 0;
        there[n] = !there[n];
        snprintf(path, sizeof(path), "/churn/c%u", i % NR);
        wrong += (xs_read(store, path, path, 1) == 1) != there[i % NR];
    }
    is_int(wrong, 0, "%u comings and goings among %u names", ROUNDS, NR);
    ask(a, XS_RM, "/churn|");
    peer_free(a);
}

static void test_domains(void)
{
    struct peer *a = peer_new(0), *g = peer_new(5), *h = peer_new(6);

    ask(a, XS_IS_DOMAIN_INTRODUCED, "5|");
    is_str(a->body, "T", "5 is introduced");
    ask(a, XS_IS_DOMAIN_INTRODUCED, "7|");
    is_str(a->body, "F", "7 is not");
    is_int(ask(g, XS_INTRODUCE, "5|1|1|"), -XEN_EACCES, "guests: no INTRODUCE");
    is_int(ask(g, XS_RELEASE, "6|"), -XEN_EACCES, "no RELEASE");
    is_int(ask(g, XS_RESUME, "6|"), -XEN_EACCES, "no RESUME");
    is_int(ask(g, XS_SET_TARGET, "5|6|"), -XEN_EACCES, "no SET_TARGET");
    is_int(ask(g, XS_CONTROL, "help|"), -XEN_EACCES, "no CONTROL");
    is_int(ask(a, XS_INTRODUCE, "7|1|1|"), -XEN_ENOENT, "7 does not exist");
    is_int(ask(a, XS_RELEASE, "0|"), -XEN_EINVAL, "0 is not released");
    is_int(ask(a, XS_RELEASE, "99999|"), -XEN_EINVAL, "nor a wild number");
    is_int(ask(a, XS_SET_TARGET, "5|0|"), -XEN_EINVAL, "0 is no target");
    is_int(ask(a, XS_SET_TARGET, "5|6|"), 0, "5 stands in for 6");
    is_int(put(g, "/local/domain/6/data/q", "1"), 0, "and does as 6 may");
    is_int(put(g, "/local/domain/6/name", "1"), -XEN_EACCES, "no more");
    peer_free(h);
    xs_domain_remove(store, 6);
    h = peer_new(6);
    is_int(put(g, "/local/domain/6/data/q", "1"), -XEN_EACCES,
           "but not for a new 6");
    is_int(ask(a, XS_RELEASE, "6|"), 0, "release 6");
    is_int(ask(h, XS_READ, "name|"), 2, "it is not served");
    is_int(ask(a, XS_INTRODUCE, "6|1|1|"), 0, "introduce it again");
    is_str(get(h, "name"), "x", "it is");
    is_int(ask(a, XS_CONTROL, "quota|5|"), 0, "quota of a domain");
    is_int(ask(a, XS_CONTROL, "nonsense|"), -XEN_EINVAL, "unknown command");
    peer_free(a);
    peer_free(g);
    peer_free(h);
    xs_domain_remove(store, 5);
    xs_domain_remove(store, 6);
}

void test_tree(void)
{
    setup();
    test_nodes();
    test_perms_rules();
    teardown("permissions");
    setup();
    test_reuse();
    test_long_directory();
    test_churn();
    test_domains();
    teardown("tree");
}
