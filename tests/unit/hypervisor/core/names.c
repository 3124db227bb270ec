/* SPDX-License-Identifier: ISC */
/* The rule for names and the index over them. */
#include "world.h"
#include <tap.h>

static void test_rule(void)
{
    static const char *const good[] = {
        "a",
        "Web-1",
        "a.b_c:d+e-f",
        "1a",
        "_",
        "...",
        "0x10",
        "+",
        "1.5",
        "domain-0",
        "Domain-00",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567890",
    };
    static const char *const bad[] = {
        "",
        "-",
        "-a",
        "0",
        "123",
        "4294967296",
        ".",
        "..",
        "Domain-0",
        "a b",
        "a/b",
        "../x",
        "a\n",
        "a\x80",
        "\x7f",
        "a%s",
        "a;b",
        "a,b",
        "a=b",
        "a@b",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz012345678901",
    };
    size_t i;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        ok(!hv_name_check(good[i]), "\"%s\" is a name", good[i]);
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ok(hv_name_check(bad[i]), "bad name %zu is none: %s", i,
           hv_name_check(bad[i]) ? hv_name_check(bad[i]) : "?");
    ok(hv_name_check(NULL), "nor is no name at all");
}

static void test_rename(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *a = new_domain(hv, "a"), *b = new_domain(hv, "b");

    is_int(hv_domain_rename(a, "c"), 0, "a becomes c");
    is_str(hv_domain_name(a), "c", "and is called so");
    ok(hv_domain_by_name(hv, "c") == a, "c is found");
    ok(!hv_domain_by_name(hv, "a"), "a is not");
    is_int(hv_domain_rename(b, "c"), -XEN_EEXIST, "c is taken");
    ok(hv_domain_by_name(hv, "b") == b, "b keeps its name");
    is_int(hv_domain_rename(b, "1"), -XEN_EINVAL, "a bad name");
    is_int(hv_domain_rename(b, "Domain-0"), -XEN_EINVAL, "the host's name");
    is_int(hv_domain_rename(b, "b"), 0, "its own name is fine");
    ok(hv_domain_by_name(hv, "b") == b, "and still its own");
    is_int(hv_domain_rename(b, "a"), 0, "a name given up can be taken");
    hv_domain_kill(b);
    is_int(hv_domain_rename(b, "z"), -XEN_EINVAL, "the dying have no names");
    ok(!hv_domain_by_name(hv, "z"), "and get none");
    ok(!hv_domain_by_name(hv, ""), "nobody is called nothing");
    world_end(hv);
}

/* Many names, removed in another order: the chains hold. */
static void test_many(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d;
    char name[16];
    int i, good = 1;

    for (i = 0; i < 3000; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        new_domain(hv, name);
    }
    for (i = 0; i < 3000; i += 3) {
        snprintf(name, sizeof(name), "n%d", i);
        d = hv_domain_by_name(hv, name);
        good &= d != NULL;
        end_domain(d);
    }
    for (i = 0; i < 3000; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        d = hv_domain_by_name(hv, name);
        good &= (d != NULL) == (i % 3 != 0);
        good &= !d || !strcmp(hv_domain_name(d), name);
    }
    ok(good, "2,000 of 3,000 names are left, the right ones");
    world_end(hv);
}

void test_names(void)
{
    test_rule();
    test_rename();
    test_many();
}
