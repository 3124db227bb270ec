/* SPDX-License-Identifier: ISC */
/*
 * Domains 1 and 2 and a privileged client send what the input says. Nothing may
 * crash or leak; quotas must hold; no domain may change what it has no right
 * to; output must be well-formed.
 *
 * Input: one line per request, "C T X payload": who (0-2), type (a letter),
 * transaction (0-9, the connection's first ones), then the payload, in which
 * '|' stands for NUL. A line with T = '!' feeds the rest as raw bytes; '#' lets
 * the connection read its output; '~' ends and renews the domain.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <store/store.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static long allocs;
static struct xs_store *store;
static struct xs_conn *conn[3];

static void check(bool good)
{
    if (!good)
        abort();
}

static void *fuzz_alloc(size_t bytes)
{
    allocs++;
    return calloc(1, bytes);
}

static void fuzz_free(void *p)
{
    allocs--;
    free(p);
}

static const struct xs_ops ops = {fuzz_alloc, fuzz_free, 1};

static void birth(domid_t id)
{
    static const struct xs_leaf leaves[] = {
        {"name", "x", XS_ACCESS_READ},
        {"data", "", XS_ACCESS_OWN},
    };
    char home[XS_HOME_MAX];

    xs_home(id, home);
    check(!xs_domain_add(store, id));
    check(!xs_build(store, home, id, leaves, 2));
    check(!xs_conn_create(store, id, NULL, &conn[id]));
    xs_domain_introduce(store, id);
}

static void drain(struct xs_conn *c)
{
    struct xsd_sockmsg h;
    const void *bytes;
    size_t n;

    while ((n = xs_conn_output(c, &bytes))) {
        check(n >= sizeof(h));
        memcpy(&h, bytes, sizeof(h));
        check(h.len <= XENSTORE_PAYLOAD_MAX && n == sizeof(h) + h.len);
        xs_conn_sent(c, n);
    }
}

static void feed(struct xs_conn *c, const char *bytes, size_t len)
{
    while (len) {
        size_t want = xs_conn_want(c);

        if (!want)
            return;
        if (want > len)
            want = len;
        xs_conn_input(c, bytes, want);
        bytes += want;
        len -= want;
    }
}

static void request(unsigned who, unsigned type, unsigned tx, const char *s,
                    size_t len)
{
    struct xsd_sockmsg h = {type, 1, tx, 0};
    char buf[XENSTORE_PAYLOAD_MAX];
    size_t i;

    len = len < sizeof(buf) ? len : sizeof(buf);
    for (i = 0; i < len; i++)
        buf[i] = s[i] == '|' ? '\0' : s[i];
    h.len = (uint32_t)len;
    feed(conn[who], (const char *)&h, sizeof(h));
    feed(conn[who], buf, len);
}

static void reborn(unsigned who)
{
    if (!who) {
        xs_conn_destroy(conn[0]);
        check(!xs_conn_create(store, 0, NULL, &conn[0]));
        return;
    }
    xs_conn_destroy(conn[who]);
    xs_domain_remove(store, (domid_t)who);
    birth((domid_t)who);
}

static void line(const char *s, size_t len)
{
    unsigned who = len ? (unsigned)(s[0] - '0') % 3 : 0;

    if (len < 5)
        return;
    if (s[2] == '!')
        feed(conn[who], s + 3, len - 3);
    else if (s[2] == '#')
        drain(conn[who]);
    else if (s[2] == '~')
        reborn(who);
    else
        request(who, (unsigned)(s[2] - 'a'), (unsigned)(s[4] - '0'), s + 6,
                len > 6 ? len - 6 : 0);
}

static void check_quotas(void)
{
    struct xs_usage u;
    domid_t i;

    for (i = 1; i < 3; i++) {
        xs_domain_usage(store, i, &u);
        check(u.watches <= XS_QUOTA_WATCHES && u.transactions <= XS_QUOTA_TXNS);
        check(u.memory < 2ul * XS_QUOTA_MEMORY);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *s = (const char *)data, *end = s + size;
    unsigned i;

    allocs = 0;
    store = xs_store_create(&ops);
    check(store != NULL);
    check(!xs_conn_create(store, 0, NULL, &conn[0]));
    birth(1);
    birth(2);
    while (s < end) {
        const char *nl = memchr(s, '\n', (size_t)(end - s));

        nl = nl ? nl : end;
        line(s, (size_t)(nl - s));
        while (xs_next_ready(store))
            ;
        s = nl + 1;
    }
    check_quotas();
    for (i = 0; i < 3; i++) {
        drain(conn[i]);
        xs_conn_destroy(conn[i]);
    }
    xs_domain_remove(store, 1);
    xs_domain_remove(store, 2);
    xs_store_destroy(store);
    check(allocs == 0);
    return 0;
}
