/* SPDX-License-Identifier: ISC */
/* Watch events: whose they are, how many are kept. */
#include "xenbus_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <tap.h>
#include <xen/errno.h>

static struct xenbus_watch a, b;

static void watch_two(void)
{
    begin(900);
    memset(&a, 0x55, sizeof(a));
    memset(&b, 0x55, sizeof(b));
    a.in_handler = b.in_handler = false;
    a.path = "device";
    b.path = "control/shutdown";
    xbc_watch_add(&client, &a);
    xbc_watch_add(&client, &b);
}

/* An event for (w), as the store sends it. */
static bool event(const struct xenbus_watch *w, const char *path)
{
    char body[200];
    int n = snprintf(body, sizeof(body), "%s%c%u", path, 0, w->token);

    return answer(XS_WATCH_EVENT, 0, body, (size_t)n + 1);
}

/* The next event is (w)'s and of (path); NULL: of no certain one. */
static void expect(struct xenbus_watch *w, const char *path)
{
    struct xbc_event *e;

    ok(xbc_next_event(&client, &e) == w, "an event of the right watch");
    if (path)
        is_str(e ? e->path : NULL, path, "and path");
    else
        ok(!e, "for its own path");
    if (e)
        client.ops->free(e);
}

static void expect_none(void)
{
    struct xbc_event *e;

    ok(!xbc_next_event(&client, &e) && !e, "no more events");
}

static void test_delivery(void)
{
    char body[32];

    watch_two();
    is_int(xbc_watch_body(&a, body, sizeof(body)), 9, "body of a watch");
    ok(!memcmp(body, "device\0001", 9), "path and token");
    is_int(xbc_watch_body(&a, body, 8), -XEN_E2BIG, "no room for it");
    ok(event(&a, "device/vif") && event(&b, "control/shutdown") &&
           event(&a, "device/vif") && event(&a, "device/vbd"),
       "four events");
    expect(&a, "device/vif");
    expect(&b, "control/shutdown");
    expect(&a, "device/vbd");
    expect_none();
    ok(event(&a, "device/vif"), "what was delivered");
    expect(&a, "device/vif");
    expect_none();
    xbc_watch_remove(&client, &b);
    ok(event(&b, "control/shutdown"), "a removed watch");
    ok(answer(XS_WATCH_EVENT, 0, "x\0abc", 6), "somebody else's");
    ok(answer(XS_WATCH_EVENT, 0, "x\0", 3), "an empty token");
    expect_none();
    ok(event(&a, "1") && event(&a, "2"), "events of a watch");
    xbc_watch_remove(&client, &a);
    expect_none();
    end("delivery");
}

static void test_overflow(void)
{
    char path[32];
    unsigned i;

    watch_two();
    for (i = 0; i < XBC_EVENTS_MAX; i++) {
        snprintf(path, sizeof(path), "device/%u", i);
        (void)event(&a, path);
    }
    ok(event(&b, "control/shutdown"), "another watch's");
    is_int(a.count, XBC_EVENTS_MAX, "as many as are kept");
    ok(event(&a, "one/more"), "and one more");
    is_int(a.count, 0, "all of them");
    ok(event(&a, "device/0"), "what comes after that is covered");
    expect(&a, NULL);
    expect(&b, "control/shutdown");
    expect_none();
    ok(event(&a, "device/9"), "then it starts again");
    expect(&a, "device/9");
    expect_none();

    ok(event(&b, "control/shutdown"), "an event");
    xbc_watch_poke(&client, &b);
    expect(&b, NULL);
    expect_none();
    fail_after = 0;
    ok(event(&a, "device/9"), "no memory for an event");
    expect(&a, NULL);
    expect_none();
    fail_after = 0;
    ok(event(&a,
             "a/long/long/long/long/long/long/long/long/long/long/path/it/is"),
       "nor to see whose it is");
    expect(&b, NULL);
    expect(&a, NULL);
    expect_none();
    end("overflow");
}

static unsigned called;

static void count_call(struct xenbus_watch *w, const char *path)
{
    called += w == &b && path == b.path;
}

static void answer_after_event(struct xenbus_request *r)
{
    is_int(called, 4, "an answer after an event is told after it");
    (void)r;
}

/* Watches that are served where events come in cost no memory. */
static void test_handler(void)
{
    struct xenbus_request r = {
        .type = XS_WRITE, .body = "", .on_done = answer_after_event};
    char body[XENSTORE_PAYLOAD_MAX];
    struct xsd_sockmsg h;

    watch_two();
    b.in_handler = true;
    b.fn = count_call;
    fail_after = 0;
    ok(event(&b, "control/shutdown") && event(&b, "control/shutdown"),
       "events");
    is_int(fail_after, 0, "nothing was allocated");
    is_int(called, 2, "all of them are told at once");
    fail_after = SIZE_MAX;
    ok(event(&a, "device/1"), "another watch's");
    expect(&a, "device/1");
    expect_none();
    fail_after = 0;
    ok(event(&a,
             "a/long/long/long/long/long/long/long/long/long/long/path/it/is"),
       "an event that is lost");
    is_int(called, 3, "may have been for it");
    is_int(xbc_submit(&client, &r), 0, "a request");
    is_int(next_request(&h, body), 0, "is sent");
    h.type = XS_WATCH_EVENT;
    h.len = 4;
    put(&h, sizeof(h));
    put("x\0002", 4);
    h.type = XS_WRITE;
    h.len = 3;
    put(&h, sizeof(h));
    put("OK", 3);
    xbc_pull(&client);
    ok(r.done, "done");
    end("in the handler");
}

static void test_bad(void)
{
    static const struct {
        const char *body;
        size_t len;
        const char *what;
    } bad[] = {
        {"", 0, "an empty event"},
        {"device", 7, "an event without token"},
        {"device\0001", 8, "an event without end"},
        {"device", 6, "an event without any NUL"},
        {"a\0b\0c\0d", 8, "an event of four strings"},
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        watch_two();
        ok(!answer(XS_WATCH_EVENT, 0, bad[i].body, bad[i].len),
           "%s ends the connection", bad[i].what);
        expect_none();
        end(bad[i].what);
    }
    watch_two();
    ok(event(&a, "x"), "an event");
    put("\017\0\0\0\0\0\0\0\0\0\0\0\100\0\0\0abc", 19);
    xbc_pull(&client);
    xbc_die(&client);
    expect(&a, "x");
    end("death amid an event");
}

void test_events(void)
{
    test_delivery();
    test_overflow();
    test_handler();
    test_bad();
}
