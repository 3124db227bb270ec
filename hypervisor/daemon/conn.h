/* SPDX-License-Identifier: ISC */
/* Control connections: bytes to requests, answers to bytes. */
#ifndef DAEMON_CONN_H
#define DAEMON_CONN_H

#include "daemon.h"

/*
 * Lives on one worker's thread; input is that thread's alone. Output, flags and
 * the count of references are under the big lock: answers come from anywhere.
 */
struct conn {
    struct loop_source src;
    struct worker *w;
    struct conn *next, **prev; /* w->conns; its thread's alone             */
    unsigned refs;     /* 1 for the loop, 1 per answer owed               */
    unsigned watching; /* LOOP_*                                          */
    bool closed;       /* descriptor gone; answers are thrown away        */
    bool eof;          /* the client sends nothing more                   */
    bool closing;      /* close when everything has been sent             */
    bool busy;         /* its handler runs                                */
    bool starved;      /* closing for want of (why)                       */
    enum ctl_last_word why;

    char *in;
    size_t in_len, in_size;
    int fds[16];
    unsigned nr_fds;

    struct message *first_out, **last_out;
    size_t out_bytes;
    struct loop_work flush;
    bool flush_posted;

    struct console_tty **tty; /* attached through this connection          */
    unsigned nr_tty;
    struct hold *holds; /* domains made with `hold'                  */
};

/* accept.c: a listening socket of (w) is ready. False: whoever connects cannot be
 * accepted now, for want of memory or of descriptors. */
__must_check bool conn_accept(struct worker *w);
/* Takes (fd), on which nobody will be served, and says so. */
void conn_refuse(int fd, enum ctl_last_word why);
/* Serves (fd), which it takes, on (w), whose thread this is. */
void conn_new(struct worker *w, int fd);
/* Closes all connections of (w). On its thread, with the lock. */
void conn_close_all(struct worker *w);
/* Queues an answer; takes (obj). Any thread, with the lock. */
void conn_send(struct conn *c, json_t *obj);
/* Takes over the tty reference until the connection closes. 0 or -ENOMEM. */
__must_check int conn_keep_tty(struct conn *c, struct console_tty *t);
void conn_get(struct conn *c);
void conn_put(struct conn *c);

/* --- reply.c: answers to requests, by number. With the lock. ---------------------*/
void answer_error(struct conn *c, int64_t id, enum ctl_error_name name,
                  const char *format, ...) __printf(4, 5);
void answer_ok(struct conn *c, int64_t id);

/* An answer owed; NULL when out of memory (an error has been answered). */
struct reply *reply_new(struct conn *c, int64_t id);
/* These answer and free (r), NULL is fine. (obj) is taken. */
void reply_send(struct reply *r, json_t *obj);
void reply_ok(struct reply *r);
void reply_error(struct reply *r, const struct ctl_error *e);
void reply_refuse(struct reply *r, enum ctl_error_name name, const char *format,
                  ...) __printf(3, 4);
/* Lists of them. */
void replies_add(struct reply **list, struct reply *r);
struct reply *replies_take(struct reply **list); /* the first, NULL = none  */
void replies_ok(struct reply **list);
void replies_gone(struct reply **list, const char *name);
/* What `wait' answers. */
void replies_ended(struct reply **list, const struct ended *e);

/* --- hold.c: domains that end with the connection that created them. -------------*/
/* 0, or -1 when out of memory. */
__must_check int hold_begin(struct conn *c, struct dom *d);
/* (d) was unpaused or is about to be freed. */
void hold_release(struct dom *d);
/* (c) closes: what it holds dies, each on its own thread. */
void hold_conn_closed(struct conn *c);

/* --- requests.c ------------------------------------------------------------------*/
/* Takes the first (n) descriptors off c's queue; what is missing is -1. */
void conn_take_fds(struct conn *c, int *fds, unsigned n);
/* Serves (r). On c's thread, with the lock. */
void request_serve(struct conn *c, struct ctl_request *r, uint64_t now_ns,
                   uint64_t tsc);
/* The domain a request means, or NULL and an error answered. By its name it may
 * be an heir without an hvd (restart_by_name()). */
struct dom *request_domain(struct conn *c, const struct ctl_request *r);
/* True when (d), which has an hvd, is another worker's, who then will serve the
 * request. */
bool request_handed_over(struct conn *c, const struct ctl_request *r,
                         const struct dom *d);

/* True, and answered, when (d) has ended or is not back yet. */
bool request_refused_ended(struct conn *c, const struct ctl_request *r,
                           const struct dom *d);

/* Operations, req_*.c */
void req_hello(struct conn *c, const struct ctl_request *r);
void req_destroy(struct conn *c, const struct ctl_request *r);
void req_pause(struct conn *c, const struct ctl_request *r);
void req_unpause(struct conn *c, const struct ctl_request *r);
void req_console(struct conn *c, const struct ctl_request *r);
void req_wait(struct conn *c, const struct ctl_request *r);
void req_rename(struct conn *c, const struct ctl_request *r);
void req_shutdown(struct conn *c, const struct ctl_request *r);
void req_sysrq(struct conn *c, const struct ctl_request *r);
/* Takes r->fd. */
void req_dump_core(struct conn *c, const struct ctl_request *r);
void req_trigger(struct conn *c, const struct ctl_request *r);
void req_list(struct conn *c, const struct ctl_request *r);
void req_info(struct conn *c, const struct ctl_request *r);
/* req_info.c: what "info" is answered. */
json_t *info_answer(struct daemon *dm, int64_t id);
void req_dmesg(struct conn *c, const struct ctl_request *r);
void req_stop(struct conn *c, const struct ctl_request *r);

#endif /* DAEMON_CONN_H */
