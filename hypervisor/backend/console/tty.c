/* SPDX-License-Identifier: ISC */
/* The pty of a console that somebody has attached to; linger.c has its end. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <host/fd.h>
#include <host/file.h>
#include "tty.h"

static void read_input(struct console_tty *t)
{
    long n;

    if (t->in_len)
        return;
    n = fd_read(t->master.fd, t->in, sizeof(t->in));
    if (n <= 0)
        return;
    t->in_off = 0;
    t->in_len = t->writable && t->console ? (unsigned)n : 0;
}

static void master_ready(struct loop_source *s, unsigned what)
{
    struct console_tty *t = CONTAINER_OF(s, struct console_tty, master);
    const struct console_events *ev = t->events;
    void *ctx = t->lock_ctx;

    if (ev->lock)
        ev->lock(ctx);
    /* The lock's last holder may have closed the tty meanwhile. */
    if (s->fd < 0)
        goto out;
    if (what & LOOP_READ)
        read_input(t);
    if (what & LOOP_HANGUP) {
        struct console *c = t->console;

        if (c)
            console_tty_gone(c);
        tty_close(t);
        /* The guest may have waited for this reader. */
        if (c)
            console_event(c);
    } else if (t->console) {
        console_tty_ready(t->console);
    } else {
        tty_flush(t, &t->rest);
        tty_watch(t, &t->rest);
    }
out:
    if (ev->unlock)
        ev->unlock(ctx);
}

int tty_open(struct console_tty **out, struct console *c, struct loop *loop,
             const struct console_events *events, void *lock_ctx)
{
    struct console_tty *t = calloc(1, sizeof(*t));
    int fd, rc;

    if (!t)
        return -ENOMEM;
    t->slave = -1;
    t->timer.fd = -1;
    t->loop = loop;
    t->console = c;
    t->events = events;
    t->lock_ctx = lock_ctx;
    fd = pty_open(t->path, &t->slave);
    if (fd < 0) {
        free(t);
        return fd;
    }
    t->master.fd = fd;
    t->master.ready = master_ready;
    t->watching = LOOP_READ;
    rc = loop_add(loop, &t->master, t->watching);
    if (rc) {
        fd_close(&t->master.fd);
        fd_close(&t->slave);
        free(t);
        return rc;
    }
    *out = t;
    return 0;
}

int tty_hold(struct console_tty *t)
{
    int fd;

    if (t->slave >= 0)
        return 0;
    fd = file_open_read(t->path);
    if (fd < 0)
        return fd;
    t->slave = fd;
    return 0;
}

/* Says how much output was lost, where it was. */
static void write_loss(struct console_tty *t, struct backlog *b)
{
    char text[64];
    int n;

    n = snprintf(text, sizeof(text), "\r\n[midge: %llu bytes lost]\r\n",
                 (unsigned long long)b->lost);
    if (fd_write(t->master.fd, text, (size_t)n) > 0)
        b->lost = 0;
}

void tty_flush(struct console_tty *t, struct backlog *b)
{
    const char *bytes;
    size_t len;
    long n;

    if (b->lost)
        write_loss(t, b);
    while ((len = backlog_peek(b, &bytes)) > 0) {
        n = fd_write(t->master.fd, bytes, len);
        if (n <= 0)
            return;
        backlog_consume(b, (size_t)n);
    }
}

void tty_watch(struct console_tty *t, const struct backlog *b)
{
    unsigned want =
        (t->in_len ? 0 : LOOP_READ) | (b->sent < b->end ? LOOP_WRITE : 0);

    if (want == t->watching)
        return;
    /* Failing to change the mask of a watched descriptor cannot happen. */
    if (!loop_mod(t->loop, &t->master, want))
        t->watching = want;
}

void tty_close(struct console_tty *t)
{
    if (t->timer.fd >= 0) {
        loop_del(t->loop, &t->timer);
        fd_close(&t->timer.fd);
    }
    if (t->master.fd >= 0) {
        loop_del(t->loop, &t->master);
        fd_close(&t->master.fd);
    }
    fd_close(&t->slave);
    backlog_fini(&t->rest);
    t->console = NULL;
    if (!t->refs)
        free(t);
}

const char *console_tty_path(const struct console_tty *t)
{
    return t->path;
}

void console_tty_put(struct console_tty *t)
{
    if (--t->refs)
        return;
    if (t->master.fd < 0) {
        free(t);
        return;
    }
    /* If nobody else has it open, the loop hears of it now. */
    fd_close(&t->slave);
}
