/* SPDX-License-Identifier: ISC */
/* Control connections: bytes to requests, answers to bytes. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <host/clock.h>
#include <host/fd.h>
#include <host/socket.h>
#include "conn.h"
#include "templates.h"

#define IN_FIRST 4096u
/* With more than this to be sent, no further request is read. */
#define OUT_HIGH (1u << 20)

struct message {
    struct message *next;
    char *bytes;
    size_t len, sent;
};

void conn_get(struct conn *c)
{
    c->refs++;
}

/* Set by the conn's own thread before it takes the lock. */
static bool at_eof(const struct conn *c)
{
    return __atomic_load_n(&c->eof, __ATOMIC_RELAXED);
}

static void post_flush(struct conn *c);

void conn_put(struct conn *c)
{
    if (!--c->refs)
        free(c);
    else if (c->refs == 1 && at_eof(c))
        post_flush(c); /* the last answer to a client that said all it had */
}

static void drop_output(struct conn *c)
{
    struct message *m;

    while ((m = c->first_out)) {
        c->first_out = m->next;
        free(m->bytes);
        free(m);
    }
    c->last_out = &c->first_out;
    c->out_bytes = 0;
}

/* On c's thread, with the lock. */
static void conn_close(struct conn *c)
{
    unsigned i;

    if (c->closed)
        return;
    c->closed = true;
    *c->prev = c->next;
    if (c->next)
        c->next->prev = c->prev;
    loop_del(c->w->loop, &c->src);
    fd_close(&c->src.fd);
    for (i = 0; i < c->nr_fds; i++)
        fd_close(&c->fds[i]);
    c->nr_fds = 0;
    for (i = 0; i < c->nr_tty; i++)
        console_tty_put(c->tty[i]);
    free(c->tty);
    c->tty = NULL;
    free(c->in);
    c->in = NULL;
    drop_output(c);
    hold_conn_closed(c);
    conn_put(c);
}

void conn_close_all(struct worker *w)
{
    while (w->conns)
        conn_close(w->conns);
}

/* The last word to a client that gets no answer. On c's thread. */
static void say_last_word(const struct conn *c)
{
    size_t len;
    const void *word = ctl_last_word(c->why, &len);

    /* What is in the way has been sent. The socket takes it or not. */
    (void)!socket_send(c->src.fd, word, len, NULL, 0);
}

static void conn_watch(struct conn *c)
{
    unsigned want = 0;

    if (!at_eof(c) && !c->closing && c->out_bytes < OUT_HIGH)
        want |= LOOP_READ;
    if (c->first_out)
        want |= LOOP_WRITE;
    if (want != c->watching && !loop_mod(c->w->loop, &c->src, want))
        c->watching = want;
}

/* Sends what the socket takes; closes when that was the end. On c's thread,
 * with the lock. */
static void conn_flush(struct conn *c)
{
    struct message *m;

    if (c->closed)
        return;
    while ((m = c->first_out)) {
        long n = socket_send(c->src.fd, m->bytes + m->sent, m->len - m->sent,
                             NULL, 0);

        if (n == -EAGAIN)
            break;
        if (n < 0) {
            conn_close(c);
            return;
        }
        m->sent += (size_t)n;
        c->out_bytes -= (size_t)n;
        if (m->sent < m->len)
            continue;
        c->first_out = m->next;
        if (!c->first_out)
            c->last_out = &c->first_out;
        free(m->bytes);
        free(m);
    }
    if (!c->first_out && (c->closing || (at_eof(c) && c->refs == 1))) {
        if (c->starved)
            say_last_word(c);
        conn_close(c);
    } else {
        conn_watch(c);
    }
}

static void run_flush(struct loop_work *w)
{
    struct conn *c = CONTAINER_OF(w, struct conn, flush);
    struct daemon *dm = c->w->dm;

    daemon_lock(dm);
    c->flush_posted = false;
    if (!--c->refs)
        free(c);
    else
        conn_flush(c);
    daemon_unlock(dm);
}

/* A later look at the connection, by its own thread. */
static void post_flush(struct conn *c)
{
    if (c->flush_posted || c->closed)
        return;
    c->flush_posted = true;
    conn_get(c);
    loop_post(c->w->loop, &c->flush);
}

/* Now if we are on c's thread, outside of its own handler, which does it at its
 * end; by its thread otherwise. */
static void send_soon(struct conn *c)
{
    if (worker_self() != c->w) {
        post_flush(c);
    } else if (!c->busy) {
        conn_get(c);
        conn_flush(c);
        conn_put(c);
    }
}

/* It ends for want of (why), once all that is queued has been sent. */
static void starve(struct conn *c, enum ctl_last_word why)
{
    c->starved = true;
    c->why = why;
    c->closing = true;
}

void conn_send(struct conn *c, json_t *obj)
{
    struct message *m;
    char *bytes;
    size_t len = 0;

    bytes = ctl_message(obj, &len);
    if (c->closed || c->closing) {
        free(bytes);
        return;
    }
    m = bytes ? calloc(1, sizeof(*m)) : NULL;
    if (!m) {
        /* A client that does not get its answer must at least hear why. */
        free(bytes);
        starve(c, CTL_LAST_MEMORY);
        send_soon(c);
        return;
    }
    m->bytes = bytes;
    m->len = len;
    *c->last_out = m;
    c->last_out = &m->next;
    c->out_bytes += len;
    send_soon(c);
}

int conn_keep_tty(struct conn *c, struct console_tty *t)
{
    struct console_tty **more;

    more = realloc(c->tty, (c->nr_tty + 1) * sizeof(struct console_tty *));
    if (!more)
        return -ENOMEM;
    c->tty = more;
    c->tty[c->nr_tty++] = t;
    return 0;
}

void conn_take_fds(struct conn *c, int *fds, unsigned n)
{
    unsigned i, have = MIN(n, c->nr_fds);

    for (i = 0; i < n; i++)
        fds[i] = i < have ? c->fds[i] : -1;
    c->nr_fds -= have;
    memmove(c->fds, c->fds + have, c->nr_fds * sizeof(*fds));
}

/* Those of a request that is refused. */
static void drop_fds(struct conn *c, unsigned n)
{
    int fd;

    while (n--) {
        conn_take_fds(c, &fd, 1);
        fd_close(&fd);
    }
}

/* The rest of the connection is not to be trusted. */
static void malformed(struct conn *c, int64_t id, const struct ctl_error *e)
{
    conn_send(c, ctl_answer_error(id, e));
    c->closing = true;
}

static void one_request(struct conn *c, const char *text, size_t len)
{
    struct daemon *dm = c->w->dm;
    uint64_t now = clock_mono_ns(), tsc = clock_tsc();
    struct ctl_request r;
    struct ctl_error e;
    bool bad;
    int rc;

    rc = ctl_parse(text, len, &r, &e, &bad);
    if (rc)
        drop_fds(c, r.nr_fds);
    daemon_lock(dm);
    if (!rc)
        request_serve(c, &r, now, tsc);
    else if (bad)
        malformed(c, r.id, &e);
    else
        conn_send(c, ctl_answer_error(r.id, &e));
    daemon_unlock(dm);
}

static void refuse_stream(struct conn *c, const char *why)
{
    struct daemon *dm = c->w->dm;
    struct ctl_error e;

    (void)ctl_refuse(&e, CTL_INVALID, "%s", why); /* only fills (e) */
    daemon_lock(dm);
    malformed(c, 0, &e);
    daemon_unlock(dm);
}

/* Serves the complete messages in c->in. */
static void take_messages(struct conn *c)
{
    size_t off = 0, total;
    int rc = 0;

    while (!c->closing && !c->closed) {
        rc = ctl_frame(c->in + off, c->in_len - off, &total);
        if (rc <= 0)
            break;
        one_request(c, c->in + off + CTL_HEADER, total - CTL_HEADER);
        off += total;
    }
    if (c->closed)
        return;
    if (rc < 0) {
        refuse_stream(c, "message is empty or longer than 65536 bytes");
        return;
    }
    memmove(c->in, c->in + off, c->in_len - off);
    c->in_len -= off;
    if (!c->in_len && c->nr_fds && !c->closing)
        refuse_stream(c, "descriptors came that no request names");
}

/* Room for the rest of the message that has begun. 0 or -ENOMEM. */
static int make_room(struct conn *c)
{
    size_t total, size;
    char *in;

    if (ctl_frame(c->in, c->in_len, &total) < 0)
        total = 0;
    size = MAX(IN_FIRST, total);
    if (size <= c->in_size && c->in_len < c->in_size)
        return 0;
    in = realloc(c->in, size);
    if (!in)
        return -ENOMEM;
    c->in = in;
    c->in_size = size;
    return 0;
}

/* What this client needed is lost; the next one may find what unused templates
 * give back. */
static void make_room_for_next(struct daemon *dm, int rc)
{
    daemon_lock(dm);
    (void)templates_make_room(dm, rc); /* if there are any */
    daemon_unlock(dm);
}

/* Reads once. Returns false when the connection is of no more use. */
static bool read_some(struct conn *c)
{
    size_t nr = ARRAY_SIZE(c->fds) - c->nr_fds;
    long n;

    if (make_room(c)) {
        starve(c, CTL_LAST_MEMORY);
        return true;
    }
    nr = MIN(nr, SOCKET_MAX_FDS);
    n = socket_recv(c->src.fd, c->in + c->in_len, c->in_size - c->in_len,
                    c->fds + c->nr_fds, &nr);
    if (n == -EAGAIN)
        return true;
    if (n == -ENOMEM || n == -ENOBUFS || n == -EMFILE) {
        starve(c, n == -EMFILE ? CTL_LAST_DESCRIPTORS : CTL_LAST_MEMORY);
        make_room_for_next(c->w->dm, (int)n);
        return true;
    }
    if (n == -EMSGSIZE) {
        starve(c, CTL_LAST_EXCESS);
        return true;
    }
    if (n < 0)
        return false;
    if (n == 0) {
        __atomic_store_n(&c->eof, true, __ATOMIC_RELAXED);
        return true;
    }
    c->nr_fds += (unsigned)nr;
    c->in_len += (size_t)n;
    take_messages(c);
    return true;
}

static void conn_ready(struct loop_source *s, unsigned what)
{
    struct conn *c = CONTAINER_OF(s, struct conn, src);
    struct daemon *dm = c->w->dm;
    bool good = true;

    /* A reference, so that serving a request cannot free it under us. */
    daemon_lock(dm);
    conn_get(c);
    c->busy = true;
    daemon_unlock(dm);
    if (what & LOOP_READ)
        good = read_some(c);
    daemon_lock(dm);
    c->busy = false;
    c->refs--; /* not the last: the loop's is dropped by conn_close() */
    if (!good || what & LOOP_HANGUP)
        conn_close(c);
    else
        conn_flush(c);
    daemon_unlock(dm);
}

void conn_new(struct worker *w, int fd)
{
    struct conn *c = calloc(1, sizeof(*c));

    if (!c) {
        conn_refuse(fd, CTL_LAST_MEMORY);
        return;
    }
    c->w = w;
    c->refs = 1;
    c->last_out = &c->first_out;
    c->flush.run = run_flush;
    c->src.fd = fd;
    c->src.ready = conn_ready;
    c->watching = LOOP_READ;
    if (loop_add(w->loop, &c->src, c->watching)) {
        conn_refuse(c->src.fd, CTL_LAST_MEMORY);
        free(c);
        return;
    }
    c->next = w->conns;
    c->prev = &w->conns;
    if (c->next)
        c->next->prev = &c->next;
    w->conns = c;
}
