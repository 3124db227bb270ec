/* SPDX-License-Identifier: ISC */
/*
 * One worker's event loop (epoll). A loop belongs to one thread; only
 * loop_post() and loop_stop() may be called from others.
 *
 * Handlers run to completion on the loop's thread and must not block.
 */
#ifndef HOST_LOOP_H
#define HOST_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* What a descriptor is ready for. */
#define LOOP_READ   1u
#define LOOP_WRITE  2u
#define LOOP_HANGUP 4u /* other end gone (always reported)                 */

/*
 * One watched descriptor. The caller owns this structure and embeds it in its
 * own; it must stay valid until loop_del(). After loop_del() the handler is not
 * called again, not even for readiness already collected.
 */
struct loop_source {
    int fd;
    void (*ready)(struct loop_source *s, unsigned what);
    uint64_t seq; /* the loop's own */
};

/* Work handed to a loop from any thread. Caller-owned until run. */
struct loop_work {
    void (*run)(struct loop_work *w);
    struct loop_work *next; /* the loop's own */
};

/* NULL when out of descriptors or memory; errno says which. */
struct loop *loop_create(void);
void loop_destroy(struct loop *l);

/* Watches s->fd for (what) (LOOP_READ and/or LOOP_WRITE), level-triggered.
 * 0 or -errno. */
int loop_add(struct loop *l, struct loop_source *s, unsigned what);
/* For a listening socket shared by several loops (EPOLLEXCLUSIVE). */
int loop_add_shared(struct loop *l, struct loop_source *s);
int loop_mod(struct loop *l, struct loop_source *s, unsigned what);
void loop_del(struct loop *l, struct loop_source *s);

/* Runs w->run on the loop's thread soon, in order of posting. Any thread. */
void loop_post(struct loop *l, struct loop_work *w);

/* Runs until loop_stop(); returns after the handler that was running. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

#endif /* HOST_LOOP_H */
