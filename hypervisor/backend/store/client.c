/* SPDX-License-Identifier: ISC */
/* Clients on the socket: all of them speak for domain 0. */

#include <errno.h>
#include <stdlib.h>
#include <base/compiler.h>
#include <host/fd.h>
#include <host/file.h>
#include <host/socket.h>
#include "internal.h"

struct client {
    struct store_end end; /* the connection's owner                       */
    struct loop_source src;
    struct store *s;
    struct xs_conn *conn;
    struct client *next, **prev;
    struct loop_work flush; /* for what other threads have queued          */
    bool flush_posted;
    bool busy;   /* its handler runs                                      */
    bool closed; /* freed when (flush) has run                            */
    unsigned watching;
};

static void client_close(struct client *c)
{
    if (c->closed)
        return;
    c->closed = true;
    *c->prev = c->next;
    if (c->next)
        c->next->prev = c->prev;
    loop_del(c->s->loop, &c->src);
    fd_close(&c->src.fd);
    xs_conn_destroy(c->conn);
    c->conn = NULL;
    if (!c->flush_posted)
        free(c);
}

/* Sends what the socket takes. False when the client is of no more use. */
static bool send_output(struct client *c)
{
    const void *bytes;
    size_t len;
    long n;

    while ((len = xs_conn_output(c->conn, &bytes))) {
        n = socket_send(c->src.fd, bytes, len, NULL, 0);
        if (n == -EAGAIN)
            return true;
        if (n < 0)
            return false;
        xs_conn_sent(c->conn, (size_t)n);
    }
    return true;
}

/* Reads what is wanted, STORE_BATCH requests at most: the loop comes back. */
static bool take_input(struct client *c)
{
    char buf[XENSTORE_PAYLOAD_MAX];
    unsigned budget = 2 * STORE_BATCH;
    size_t want;
    long n;

    while (budget-- && (want = xs_conn_want(c->conn))) {
        n = socket_recv(c->src.fd, buf, MIN(want, sizeof(buf)), NULL, NULL);
        if (n == -EAGAIN)
            return true;
        if (n <= 0)
            return false;
        xs_conn_input(c->conn, buf, (size_t)n);
    }
    return true;
}

/* What to wait for next; closes a client that is of no more use. */
static void settle(struct client *c, bool good)
{
    const void *bytes;
    unsigned want = 0;

    if (!good || !send_output(c) || xs_conn_error(c->conn)) {
        client_close(c);
        return;
    }
    if (xs_conn_want(c->conn))
        want |= LOOP_READ;
    if (xs_conn_output(c->conn, &bytes))
        want |= LOOP_WRITE;
    if (want != c->watching && !loop_mod(c->s->loop, &c->src, want))
        c->watching = want;
}

static void client_ready(struct loop_source *src, unsigned what)
{
    struct client *c = CONTAINER_OF(src, struct client, src);
    struct store *s = c->s;
    bool good = true;

    s->events->lock(s->lock_ctx);
    c->busy = true;
    if (what & LOOP_WRITE)
        good = send_output(c);
    if (good && what & LOOP_READ)
        good = take_input(c);
    if (what & LOOP_HANGUP && !(what & LOOP_READ))
        good = false;
    c->busy = false;
    settle(c, good);
    store_flush(s);
    s->events->unlock(s->lock_ctx);
}

static void run_flush(struct loop_work *w)
{
    struct client *c = CONTAINER_OF(w, struct client, flush);
    struct store *s = c->s;

    s->events->lock(s->lock_ctx);
    c->flush_posted = false;
    if (c->closed)
        free(c);
    else
        settle(c, true);
    s->events->unlock(s->lock_ctx);
}

/* Something was queued: any thread may be here, the loop's does the rest. */
static void flush_client(struct store_end *e)
{
    struct client *c = CONTAINER_OF(e, struct client, end);

    if (c->busy || c->flush_posted || c->closed)
        return;
    c->flush_posted = true;
    loop_post(c->s->loop, &c->flush);
}

static bool may_connect(const struct store *s, int fd)
{
    struct socket_peer peer;

    if (socket_peer(fd, &peer))
        return false;
    return peer.uid == s->uid || peer.uid == 0;
}

/* Takes (fd). */
static void client_new(struct store *s, int fd)
{
    struct client *c = calloc(1, sizeof(*c));

    if (!c || xs_conn_create(s->tree, 0, &c->end, &c->conn)) {
        free(c);
        fd_close(&fd);
        return;
    }
    c->s = s;
    c->end.flush = flush_client;
    c->flush.run = run_flush;
    c->src.fd = fd;
    c->src.ready = client_ready;
    c->watching = LOOP_READ;
    if (loop_add(s->loop, &c->src, c->watching)) {
        xs_conn_destroy(c->conn);
        fd_close(&c->src.fd);
        free(c);
        return;
    }
    c->next = s->clients;
    c->prev = &s->clients;
    if (c->next)
        c->next->prev = &c->next;
    s->clients = c;
}

static void listener_ready(struct loop_source *src, unsigned what)
{
    struct store *s = CONTAINER_OF(src, struct store, listener);
    int fd = socket_accept(src->fd);

    (void)what;
    /* Out of descriptors: the spare one serves to turn the client away, or the
     * listener would be ready for ever. */
    if (fd == -EMFILE || fd == -ENFILE) {
        fd_close(&s->spare_fd);
        fd = socket_accept(src->fd);
        fd_close(&fd);
        s->spare_fd = file_open_read("/dev/null");
        return;
    }
    if (fd < 0)
        return;
    if (!may_connect(s, fd)) {
        fd_close(&fd);
        return;
    }
    s->events->lock(s->lock_ctx);
    client_new(s, fd);
    s->events->unlock(s->lock_ctx);
}

int store_listen(struct store *s, struct loop *loop, int listen_fd,
                 unsigned uid)
{
    int rc;

    s->loop = loop;
    s->uid = uid;
    s->listener.fd = listen_fd;
    s->listener.ready = listener_ready;
    s->spare_fd = file_open_read("/dev/null");
    rc = loop_add(loop, &s->listener, LOOP_READ);
    if (rc)
        fd_close(&s->listener.fd);
    return rc;
}

void clients_close(struct store *s)
{
    struct client *c, *next;

    if (s->listener.fd >= 0)
        loop_del(s->loop, &s->listener);
    for (c = s->clients; c; c = next) {
        next = c->next;
        /* Work that was posted is not run any more. */
        c->flush_posted = false;
        client_close(c);
    }
}
