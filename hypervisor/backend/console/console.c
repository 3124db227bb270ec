/* SPDX-License-Identifier: ISC */
/*
 * The console backend: moves bytes between a domain's ring and its log,
 * backlog and tty.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <base/crlf.h>
#include <host/service.h>
#include <ring/console.h>
#include "backlog.h"
#include "exitline.h"
#include "logs.h"
#include "tty.h"

#define CHUNK 2048 /* the whole of the output ring                    */
#define MAX_CHUNKS                                                             \
    4 /* per event, so that one domain keeps nobody else
                           waiting                                         */
#define NAME_MAX_LEN 64

struct console {
    struct console_logs *logs;
    struct loop *loop;
    volatile struct xencons_interface *ring;
    const struct console_events *events;
    void *owner, *lock_ctx;
    struct log_handle log;
    struct crlf log_ends;
    struct backlog backlog;
    struct exitline exitline;
    struct console_tty *tty; /* NULL = nobody attached                     */
    struct loop_work again;  /* the rest of a long output                  */
    bool again_posted;
    bool log_failed; /* and complained about                        */
    bool broken;     /* the guest's indices are nonsense           */
    bool dead;       /* freed when (again) has run                 */
    char name[NAME_MAX_LEN];
};

static void run_again(struct loop_work *w);

int console_create(const struct console_params *p, struct console **out)
{
    struct console *c;

    if (strlen(p->name) >= NAME_MAX_LEN)
        return -ENAMETOOLONG;
    c = calloc(1, sizeof(*c));
    if (!c)
        return -ENOMEM;
    snprintf(c->name, sizeof(c->name), "%s", p->name);
    c->logs = p->logs;
    c->loop = p->loop;
    c->ring = p->ring;
    c->events = p->events;
    c->owner = p->owner;
    c->lock_ctx = p->lock_ctx;
    c->log.name = c->name;
    c->log.slot = -1;
    c->again.run = run_again;
    if (!p->append)
        console_logs_remove(c->logs, c->name);
    *out = c;
    return 0;
}

static void log_bytes(struct console *c, const char *bytes, size_t len)
{
    if (len && log_write(c->logs, &c->log, bytes, len) && !c->log_failed) {
        c->log_failed = true;
        c->events->complain(c->owner, "console: its log cannot be written (is "
                                      "the disk full?); output is missing "
                                      "there");
    }
}

/* At most CHUNK bytes of output, from wherever they came. The log is text, all
 * else gets them as they are. */
static void take_text(struct console *c, const char *bytes, size_t len)
{
    char text[CHUNK + 1];

    log_bytes(c, text, crlf_drop(&c->log_ends, text, bytes, len));
    exitline_feed(&c->exitline, bytes, len);
    backlog_add(&c->backlog, bytes, len);
    if (c->tty)
        tty_flush(c->tty, &c->backlog);
}

/* How much may be taken from the ring now. */
static size_t room(const struct console *c)
{
    return c->tty ? MIN(backlog_room(&c->backlog), CHUNK) : CHUNK;
}

static void set_broken(struct console *c)
{
    c->broken = true;
    c->events->complain(c->owner, "console: the guest's ring indices make no "
                                  "sense; its console is closed");
}

/* Moves at most (chunks) ring fulls. (*more) tells that there may be more.
 * Returns whether anything moved. */
static bool take_output(struct console *c, unsigned chunks, bool force,
                        bool *more)
{
    char buf[CHUNK];
    bool moved = false;
    int n;

    *more = false;
    while (!c->broken) {
        size_t len = force ? CHUNK : room(c);

        /* A full tty calls back when it has room. */
        if (!len)
            break;
        if (!chunks--) {
            *more = true;
            break;
        }
        n = cons_ring_read_out(c->ring, buf, len);
        if (n < 0)
            set_broken(c);
        if (n <= 0)
            break;
        take_text(c, buf, (size_t)n);
        moved = true;
    }
    return moved;
}

static bool give_input(struct console *c)
{
    struct console_tty *t = c->tty;
    int n;

    if (!t || !t->in_len || c->broken)
        return false;
    n = cons_ring_write_in(c->ring, t->in + t->in_off, t->in_len);
    if (n < 0) {
        set_broken(c);
        return false;
    }
    t->in_off += (unsigned)n;
    t->in_len -= (unsigned)n;
    return n > 0;
}

void console_event(struct console *c)
{
    bool more, moved;

    moved = take_output(c, MAX_CHUNKS, false, &more);
    if (give_input(c))
        moved = true;
    if (c->tty)
        tty_watch(c->tty, &c->backlog);
    if (moved)
        c->events->notify(c->owner);
    if (more && !c->again_posted) {
        c->again_posted = true;
        loop_post(c->loop, &c->again);
    }
}

static void run_again(struct loop_work *w)
{
    struct console *c = CONTAINER_OF(w, struct console, again);
    const struct console_events *ev = c->events;
    void *ctx = c->lock_ctx;

    if (ev->lock)
        ev->lock(ctx);
    c->again_posted = false;
    if (c->dead)
        free(c);
    else
        console_event(c);
    if (ev->unlock)
        ev->unlock(ctx);
}

void console_drain(struct console *c)
{
    bool more;

    /* Two: the ring may have been refilled while the first was taken. */
    take_output(c, 2, true, &more);
    if (c->tty)
        tty_watch(c->tty, &c->backlog);
}

void console_text(struct console *c, const char *bytes, size_t len)
{
    struct crlf ends = {.cr = false};
    char text[CHUNK];

    while (len > 0) {
        size_t n = crlf_add(&ends, text, sizeof(text), &bytes, &len);

        take_text(c, text, n);
    }
    if (c->tty)
        tty_watch(c->tty, &c->backlog);
}

bool console_exit_code(const struct console *c, int *code)
{
    if (c->exitline.have_code)
        *code = c->exitline.code;
    return c->exitline.have_code;
}

void console_tty_gone(struct console *c)
{
    c->tty = NULL;
}

void console_tty_ready(struct console *c)
{
    tty_flush(c->tty, &c->backlog);
    console_event(c);
}

int console_attach(struct console *c, bool write, struct console_tty **out)
{
    int rc = 0;

    /* The last reader may have left so recently that the loop has not told of
     * it: the new one gets a tty of its own, and the backlog. */
    if (c->tty && !c->tty->refs && c->tty->slave < 0 &&
        fd_hung_up(c->tty->master.fd)) {
        struct console_tty *old = c->tty;

        console_tty_gone(c);
        tty_close(old);
    }
    if (!c->tty) {
        rc = tty_open(&c->tty, c, c->loop, c->events, c->lock_ctx);
        if (rc)
            return rc;
        backlog_rewind(&c->backlog);
    }
    rc = tty_hold(c->tty);
    if (rc)
        return rc;
    c->tty->refs++;
    if (write)
        c->tty->writable = true;
    console_tty_ready(c);
    *out = c->tty;
    return 0;
}

int console_rename(struct console *c, const char *name)
{
    int rc;

    if (strlen(name) >= NAME_MAX_LEN)
        return -ENAMETOOLONG;
    rc = log_rename(c->logs, &c->log, name);
    snprintf(c->name, sizeof(c->name), "%s", name);
    return rc;
}

void console_destroy(struct console *c)
{
    if (!c)
        return;
    console_drain(c);
    if (c->log_ends.cr)
        log_bytes(c, "\r", 1);
    log_release(c->logs, &c->log);
    if (c->tty)
        tty_linger(c->tty, &c->backlog);
    backlog_fini(&c->backlog);
    c->tty = NULL;
    c->dead = true;
    if (!c->again_posted)
        free(c);
}
