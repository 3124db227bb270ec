/* SPDX-License-Identifier: ISC */
/* A store that behaves: what is sent, what is matched, who is told when. */
#include "xenbus_test.h"
#include <ring/xenstore.h>
#include <stdio.h>
#include <stdlib.h>
#include <tap.h>
#include <xen/errno.h>

static void submit(struct xenbus_request *r, uint32_t type, const void *body,
                   size_t len)
{
    memset(r, 0x55, sizeof(*r));
    r->room = NULL;
    r->on_done = NULL;
    r->type = type;
    r->transaction = 7;
    r->body = body;
    r->body_len = len;
    is_int(xbc_submit(&client, r), 0, "submit");
}

static void test_one(void)
{
    struct xenbus_request r;
    struct xsd_sockmsg h;
    char body[XENSTORE_PAYLOAD_MAX];

    begin(0);
    submit(&r, XS_READ, "name", 5);
    ok(!xbc_take_notify(&client), "nobody is told before it is sent");
    xbc_push(&client);
    ok(xbc_take_notify(&client), "then the store is");
    ok(!xbc_take_notify(&client), "once");
    is_int(next_request(&h, body), 5, "one request");
    is_int(h.type, XS_READ, "its type");
    is_int(h.tx_id, 7, "its transaction");
    ok(h.req_id != 0, "a number");
    is_str(body, "name", "and its body");
    ok(!r.done, "not done yet");
    ok(answer(XS_READ, h.req_id, "dom", 3), "an answer");
    ok(r.done && r.rc == 0, "done");
    is_int(r.reply_len, 3, "its length");
    is_str(r.reply, "dom", "and a NUL behind it");
    drop_reply(&r);

    submit(&r, XS_READ, "none", 5);
    is_int(next_request(&h, body), 5, "another");
    ok(answer(XS_ERROR, h.req_id, "ENOENT", 7), "an error");
    ok(r.done && !r.reply, "done");
    is_int(r.rc, -XEN_ENOENT, "with it");

    submit(&r, XS_WRITE, "a\0b", 3);
    is_int(next_request(&h, body), 3, "a write");
    ok(answer(XS_WRITE, h.req_id, "OK", 3), "acknowledged");
    ok(r.done && r.rc == 0 && !r.reply, "has no answer to free");

    submit(&r, XS_READ, "empty", 6);
    is_int(next_request(&h, body), 6, "a read");
    ok(answer(XS_READ, h.req_id, "", 0), "of an empty node");
    ok(r.done && r.reply && r.reply_len == 0, "answered");
    is_str(r.reply, "", "by an empty string");
    drop_reply(&r);
    end("one at a time");
}

/* The ring's indices start just before they wrap, the ring's end is crossed
 * everywhere, and answers come in any order. */
static void test_many(void)
{
    enum { N = 100 };
    static struct xenbus_request r[N];
    static char body[XENSTORE_PAYLOAD_MAX];
    uint32_t ids[N];
    char text[N][16], value[16];
    int i, good = 0;

    begin(UINT32_MAX - 500);
    for (i = 0; i < N; i++) {
        r[i] = (struct xenbus_request){.type = XS_READ, .body = text[i]};
        r[i].body_len = (size_t)snprintf(text[i], 16, "node-%d", i) + 1;
        good += xbc_submit(&client, &r[i]) == 0;
    }
    for (i = 0; i < N; i++) {
        struct xsd_sockmsg h;

        good += next_request(&h, body) > 0 && !strcmp(body, text[i]);
        ids[i] = h.req_id;
    }
    for (i = 0; i < N; i++) {
        int k = (i * 37) % N;

        snprintf(value, sizeof(value), "value-%d", k);
        good += answer(XS_READ, ids[k], value, strlen(value));
        good += r[k].done && r[k].rc == 0 && !strcmp(r[k].reply, value);
        drop_reply(&r[k]);
    }
    is_int(good, 4 * N, "%d requests at once, answered out of order", N);
    end("many");
}

static void test_big(void)
{
    static char big[XENSTORE_PAYLOAD_MAX + 1], body[XENSTORE_PAYLOAD_MAX];
    struct xenbus_request r = {0};
    struct xsd_sockmsg h;
    size_t i;

    begin(1000);
    for (i = 0; i < sizeof(big); i++)
        big[i] = (char)('a' + i % 26);
    r.body = big;
    r.body_len = sizeof(big);
    is_int(xbc_submit(&client, &r), -XEN_E2BIG, "one byte too long");
    submit(&r, XS_READ, big, XENSTORE_PAYLOAD_MAX);
    is_int(next_request(&h, body), XENSTORE_PAYLOAD_MAX, "the longest body");
    ok(!memcmp(body, big, XENSTORE_PAYLOAD_MAX), "comes through");
    (void)xbc_take_notify(&client);
    ok(answer(XS_READ, h.req_id, big, XENSTORE_PAYLOAD_MAX), "so does");
    ok(r.done && r.reply_len == XENSTORE_PAYLOAD_MAX &&
           !memcmp(r.reply, big, XENSTORE_PAYLOAD_MAX),
       "the longest answer");
    ok(xbc_take_notify(&client), "of whose room the store is told");
    drop_reply(&r);
    end("big");
}

/* Whoever fills the ring is told of room before all of it was taken. */
static void test_room(void)
{
    static char bytes[XENSTORE_RING_SIZE];
    struct xenbus_request r = {0};
    struct xsd_sockmsg h;
    char body[XENSTORE_PAYLOAD_MAX];

    begin(77);
    submit(&r, XS_READ, "x", 2);
    is_int(next_request(&h, body), 2, "asked");
    (void)xbc_take_notify(&client);
    h.len = 3000;
    memcpy(bytes, &h, sizeof(h));
    put(bytes, XENSTORE_RING_SIZE);
    xbc_pull(&client);
    ok(xbc_take_notify(&client), "a full ring was taken: told");
    put(bytes, 400);
    xbc_pull(&client);
    ok(!xbc_take_notify(&client), "a part of it: not yet");
    put(bytes, 400);
    xbc_pull(&client);
    ok(xbc_take_notify(&client), "after half of it: told");
    end("room");
}

/* An event of watch 1, "x"; the last NUL is C's. */
static const char event[] = "\17\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0x\0001";
static bool refill;

static void fill_ring(struct xenbus_watch *w, const char *path)
{
    (void)w;
    (void)path;
    while (refill &&
           ring.rsp_prod - ring.rsp_cons + sizeof(event) <= XENSTORE_RING_SIZE)
        (void)xs_ring_write_rsp(&ring, event, sizeof(event));
}

/* A ring that is filled as fast as it is emptied. */
static void test_enough(void)
{
    struct xenbus_watch w = {.path = "x", .fn = fill_ring, .in_handler = true};

    begin(9);
    xbc_watch_add(&client, &w);
    refill = true;
    fill_ring(&w, "");
    refill = false;
    ok(xbc_pull(&client) && !client.more, "a full ring is not too much");
    refill = true;
    fill_ring(&w, "");
    ok(xbc_pull(&client) && client.more, "one that is never empty is");
    refill = false;
    ok(xbc_pull(&client) && !client.more, "the rest comes with the next call");
    xbc_watch_remove(&client, &w);
    end("enough");
}

static void test_no_memory(void)
{
    static char body[XENSTORE_PAYLOAD_MAX];
    struct xenbus_request r, s;
    struct xsd_sockmsg h, h2;

    begin(5);
    submit(&r, XS_READ, "x", 2);
    submit(&s, XS_READ, "y", 2);
    is_int(next_request(&h, body), 2, "asked");
    is_int(next_request(&h2, body), 2, "twice");
    fail_after = 0;
    memset(body, 'z', sizeof(body));
    ok(answer(XS_READ, h.req_id, body, 2000), "no memory for the answer");
    ok(r.done && !r.reply, "it is done without");
    is_int(r.rc, -XEN_ENOMEM, "by an error");
    ok(answer(XS_READ, h2.req_id, "v", 1), "the next one");
    ok(s.done && s.rc == 0, "is not confused");
    is_str(s.reply, "v", "by that");
    drop_reply(&s);
    end("no memory");
}

static unsigned told;

static void ask_again(struct xenbus_request *r)
{
    if (++told < 3)
        is_int(xbc_submit(&client, r), 0, "submitted again when done");
}

/* Answers in the submitter's own room; requests that repeat themselves. */
static void test_room_of_ones_own(void)
{
    char room[4], body[XENSTORE_PAYLOAD_MAX];
    struct xenbus_request r = {.type = XS_READ,
                               .body = "x",
                               .body_len = 2,
                               .room = room,
                               .room_len = sizeof(room),
                               .on_done = ask_again};
    struct xsd_sockmsg h;

    begin(40);
    fail_after = 0;
    is_int(xbc_submit(&client, &r), 0, "submit");
    is_int(next_request(&h, body), 2, "asked");
    ok(answer(XS_READ, h.req_id, "abc", 3), "an answer that fits");
    is_int(told, 1, "told");
    is_str(room, "abc", "it is there");
    is_int(fail_after, 0, "without memory");
    fail_after = SIZE_MAX;
    is_int(next_request(&h, body), 2, "asked again");
    r.on_done = NULL;
    ok(answer(XS_READ, h.req_id, "abcd", 4), "one that does not");
    is_str(r.reply, "abcd", "is allocated");
    drop_reply(&r);
    r.on_done = ask_again;
    is_int(xbc_submit(&client, &r), 0, "submit");
    xbc_die(&client);
    is_int(told, 3, "told of the end, of what is submitted after it, too");
    end("room of one's own");
}

void test_client(void)
{
    test_one();
    test_many();
    test_big();
    test_room();
    test_enough();
    test_no_memory();
    test_room_of_ones_own();
}
