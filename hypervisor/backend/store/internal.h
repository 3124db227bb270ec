/* SPDX-License-Identifier: ISC */
/* What the files of the xenstore backend share. */
#ifndef BACKEND_STORE_INTERNAL_H
#define BACKEND_STORE_INTERNAL_H

#include <backend/store.h>

/* The owner of an xs_conn: how what is queued there gets out. */
struct store_end {
    void (*flush)(struct store_end *e);
};

struct client;

struct store {
    const struct store_events *events;
    void *lock_ctx;
    struct xs_ops ops;
    struct xs_store *tree;
    struct loop *loop; /* the clients'                                     */
    struct loop_source listener;
    unsigned uid;
    int spare_fd; /* given up to refuse a connection with                  */
    struct client *clients;
};

/* Requests served in one go, so that nobody keeps others waiting. */
#define STORE_BATCH 64u

/* client.c: closes all of them; their loop does not run. */
void clients_close(struct store *s);

#endif /* BACKEND_STORE_INTERNAL_H */
