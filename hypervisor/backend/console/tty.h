/* SPDX-License-Identifier: ISC */
/*
 * The pty of a console that somebody has attached to.
 *
 *   attach            console_tty_put() x refs     the last slave closes
 *   ------> SERVING ------------------> SERVING ------------------> CLOSED
 *              | console_destroy()   (own slave closed)                ^
 *              v                                                       |
 *           LINGER: no console any more; output still unread ----------+
 *                   read, or nobody left to read it
 *
 * The daemon keeps the slave open itself while a control connection refers to
 * the tty (refs > 0): the reader may not have opened it yet. Only then does the
 * kernel tell that the last reader has left. The master is touched on the
 * loop's thread only; the structure goes when it is CLOSED and refs is 0.
 */
#ifndef CONSOLE_TTY_H
#define CONSOLE_TTY_H

#include <backend/console.h>
#include "backlog.h"

#define TTY_INPUT 256

struct console_tty {
    struct loop_source master; /* fd -1 = CLOSED                           */
    struct loop *loop;
    int slave; /* our own, -1 = closed                     */
    unsigned refs;
    struct console *console; /* NULL once lingering                      */
    const struct console_events *events;
    void *lock_ctx;
    bool writable;           /* what is typed counts                     */
    unsigned watching;       /* LOOP_* asked for                         */
    unsigned in_len, in_off; /* typed, not yet taken by the guest        */
    char in[TTY_INPUT];
    /* LINGER only. */
    struct backlog rest; /* output the pty had no room for           */
    struct loop_source timer;
    uint64_t interval_ns;
    char path[PTY_NAME_MAX];
};

/* A tty without a reference, watched by c's loop. 0 or -errno. */
int tty_open(struct console_tty **out, struct console *c, struct loop *loop,
             const struct console_events *events, void *lock_ctx);
/* Opens our slave again if it is not open. 0 or -errno. */
int tty_hold(struct console_tty *t);
/* Writes what the pty takes of (b). */
void tty_flush(struct console_tty *t, struct backlog *b);
/* Asks the loop for what there is to do: (b) as in tty_flush. */
void tty_watch(struct console_tty *t, const struct backlog *b);
/* Closes the master (CLOSED) and frees the structure unless referred to. */
void tty_close(struct console_tty *t);
/* The console is going; takes its backlog over, and frees it in the end. */
void tty_linger(struct console_tty *t, struct backlog *b);

/* For tty.c, supplied by console.c: the reader has left; the tty had room or
 * input. Called with the lock held. */
void console_tty_gone(struct console *c);
void console_tty_ready(struct console *c);

#endif /* CONSOLE_TTY_H */
