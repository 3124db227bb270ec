/* SPDX-License-Identifier: ISC */
/* A store that lies: the connection ends, with every request answered. */
#include "xenbus_test.h"
#include <stdlib.h>
#include <tap.h>
#include <xen/errno.h>

static struct xenbus_request asked, unsent;
static struct xsd_sockmsg head;

/* One request is with the store, another not yet. */
static void ask(void)
{
    char body[XENSTORE_PAYLOAD_MAX];

    begin(0xfffffff0);
    asked =
        (struct xenbus_request){.type = XS_READ, .body = "name", .body_len = 5};
    is_int(xbc_submit(&client, &asked), 0, "submit");
    is_int(next_request(&head, body), 5, "it is read");
    unsent = asked;
    is_int(xbc_submit(&client, &unsent), 0, "another is not");
}

static void is_dead(const char *what)
{
    struct xenbus_request late = {.type = XS_READ, .body = "x", .body_len = 2};

    ok(client.dead, "%s ends the connection", what);
    ok(asked.done && asked.rc == -XEN_EIO && !asked.reply, "what was asked");
    ok(unsent.done && unsent.rc == -XEN_EIO && !unsent.reply, "what was not");
    is_int(xbc_submit(&client, &late), 0, "later ones");
    ok(late.done && late.rc == -XEN_EIO, "fail at once");
    ok(!xbc_pull(&client) && !client.more, "nothing is left to do");
    xbc_push(&client);
    end(what);
}

static void test_messages(void)
{
    static char big[XENSTORE_PAYLOAD_MAX + 1];
    struct xsd_sockmsg h;

    ask();
    ok(!answer(XS_READ, head.req_id + 1, "x", 1), "number of an unsent one");
    is_dead("a number not asked for");
    ask();
    ok(!answer(XS_READ, 0, "x", 1), "number 0");
    is_dead("the number 0");
    ask();
    ok(answer(XS_READ, head.req_id, "x", 1), "an answer");
    drop_reply(&asked);
    asked.rc = -XEN_EIO;
    ok(!answer(XS_READ, head.req_id, "x", 1), "the same again");
    is_dead("a second answer");
    ask();
    ok(!answer(XS_DIRECTORY, head.req_id, "x", 1), "another type");
    is_dead("an answer of another type");
    ask();
    ok(!answer(XS_INVALID, head.req_id, big, 100), "no type");
    is_dead("an answer of no type");
    ask();
    ok(!answer(XS_READ, head.req_id, big, sizeof(big)), "4097 bytes");
    is_dead("an answer that is too long");
    ask();
    h = (struct xsd_sockmsg){XS_WATCH_EVENT, 0, 0, UINT32_MAX};
    put(&h, sizeof(h));
    xbc_pull(&client);
    is_dead("an event of 4 GiB");
}

static void test_errors(void)
{
    static char big[XENSTORE_PAYLOAD_MAX];

    ask();
    ok(answer(XS_ERROR, head.req_id, "EWHATEVER", 10), "an unknown error");
    is_int(asked.rc, -XEN_EIO, "is EIO");
    unsent.done = false;
    memset(big, 'E', sizeof(big));
    xbc_push(&client);
    ok(answer(XS_ERROR, unsent.id, big, sizeof(big)), "a long one");
    ok(unsent.done, "is read to its end");
    is_int(unsent.rc, -XEN_EIO, "and EIO, too");
    ok(!client.dead, "neither ends the connection");
    ask();
    ok(answer(XS_ERROR, head.req_id, "", 0), "an empty one");
    is_int(asked.rc, -XEN_EIO, "is EIO");
    end("errors");
}

static void test_indices(void)
{
    struct xsd_sockmsg h;

    ask();
    ring.rsp_prod = ring.rsp_cons + XENSTORE_RING_SIZE + 1;
    xbc_pull(&client);
    is_dead("more answers than the ring holds");
    ask();
    ring.rsp_prod = ring.rsp_cons - 1;
    xbc_pull(&client);
    is_dead("an index that goes back");
    ask();
    ring.req_cons = ring.req_prod + 1;
    xbc_push(&client);
    is_dead("more taken than there was");
    ask();
    h = (struct xsd_sockmsg){XS_READ, head.req_id, 0, 1000};
    put(&h, sizeof(h));
    xbc_pull(&client);
    ok(!client.dead, "half an answer");
    ring.rsp_prod -= 3;
    xbc_pull(&client);
    is_dead("an index that goes back amid an answer");
    ask();
    ring.error = XENSTORE_ERROR_COMM;
    xbc_pull(&client);
    is_dead("an error in the ring");
}

void test_hostile(void)
{
    test_messages();
    test_errors();
    test_indices();
}
