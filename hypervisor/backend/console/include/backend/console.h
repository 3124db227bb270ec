/* SPDX-License-Identifier: ISC */
/*
 * The console backend: one object per domain, the other end of its console ring
 * (xen/include/public/io/console.h).
 *
 * Output goes to the log file, to a bounded backlog for whoever attaches later,
 * and to the pty when one is attached. The pty gets the bytes as they are; the
 * log is text, without the "\r" of "\r\n". While a reader is attached nothing is
 * dropped for its sake: when the pty is full the ring is left alone, so that
 * the guest waits; a domain that floods its console, or whose reader sleeps,
 * hurts only itself. Input comes from the pty and waits there while the ring
 * is full.
 *
 * Threads: every function is called on the thread of the console's loop, or
 * with the lock held that console_events.lock takes; handlers that the loop
 * enters take it themselves. Nothing here blocks but for log files, which lie
 * in the run directory.
 */
#ifndef BACKEND_CONSOLE_H
#define BACKEND_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>
#include <host/loop.h>
#include <host/pty.h>

struct console;
struct console_logs;
struct xencons_interface;

/* The log files of all consoles: (dir)/NAME.log, each below (max_bytes) with
 * one older part NAME.log.1, at most (max_open) of them open at a time. */
struct console_logs *console_logs_create(const char *dir, uint64_t max_bytes,
                                         unsigned max_open);
/* After the last console. NULL is fine. */
void console_logs_destroy(struct console_logs *logs);
/* Removes the log files of (name). */
void console_logs_remove(struct console_logs *logs, const char *name);

struct console_events {
    /* The backend has moved ring indices: tell the guest. */
    void (*notify)(void *owner);
    /* The guest's ring is unusable, or the log cannot be written: one line,
     * each told once. */
    void (*complain)(void *owner, const char *text);
    /* Around every handler that a loop calls; NULL = none needed. Must work
     * after the domain is gone: (ctx) is console_params.lock_ctx. */
    void (*lock)(void *ctx);
    void (*unlock)(void *ctx);
};

struct console_params {
    struct console_logs *logs;
    struct loop *loop;
    volatile struct xencons_interface *ring; /* borrowed until destroy     */
    const char *name;                        /* domain name; copied        */
    bool append; /* go on with the log of an earlier domain of that name   */
    const struct console_events *events;
    void *owner;
    void *lock_ctx;
};

/* 0 or -ENOMEM. Costs no descriptor until the guest writes something. */
__must_check int console_create(const struct console_params *p,
                                struct console **out);
/* Takes what is left in the ring, and frees the console. A tty that still has
 * unread output stays until that is read. On the loop's thread. */
void console_destroy(struct console *c);

/* The guest rang the console's event channel. */
void console_event(struct console *c);
/* Takes what the ring holds now, whether or not the reader keeps up: for a
 * domain that will not run again. */
void console_drain(struct console *c);
/* Output that did not come through the ring: CONSOLEIO_write, reports. Text:
 * "\n" becomes "\r\n". */
void console_text(struct console *c, const char *bytes, size_t len);

/* The code of the last complete line when that is "exit: N". */
bool console_exit_code(const struct console *c, int *code);

/* A console's pty, as somebody attached to it refers to it. */
struct console_tty;

/*
 * Attaches a reader. The first attach opens the pty and replays the backlog;
 * later ones share it. (write) lets what readers type reach the guest. 0 or
 * -errno. The reference (*out) is given back with console_tty_put(), by any
 * thread with the lock, also when the console is long gone; until then the pty
 * stays open, after that as long as somebody has the slave open.
 */
__must_check int console_attach(struct console *c, bool write,
                                struct console_tty **out);
/* The slave's path, valid as long as the reference. */
const char *console_tty_path(const struct console_tty *t);
void console_tty_put(struct console_tty *t);

/* The log file moves along. -ENAMETOOLONG changes nothing; any other -errno
 * says that the old log file stays where it was. */
int console_rename(struct console *c, const char *name);

#endif /* BACKEND_CONSOLE_H */
