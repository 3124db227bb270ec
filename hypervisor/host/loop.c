/* SPDX-License-Identifier: ISC */
/*
 * The event loop: epoll for descriptors, one eventfd for work from other
 * threads.
 *
 * Stale readiness. One epoll_wait() returns a batch; a handler may delete (and
 * free) a source whose own event is later in the same batch. While a source
 * has an event waiting in the current batch, s->seq is that event's position
 * plus one; loop_del() clears the event through it, so that a source is never
 * looked at again once its owner has taken it back. Outside that time s->seq
 * is 0. Only the loop's own thread touches any of this.
 */
#include <host/loop.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <base/compiler.h>

#define BATCH 64

struct loop {
    int epoll_fd;
    struct epoll_event batch[BATCH];
    struct loop_source wake; /* its fd is the eventfd                      */

    pthread_mutex_t lock; /* guards the three below                        */
    struct loop_work *first, **last;
    bool stop;
};

static void wake_up(struct loop *l)
{
    uint64_t one = 1;

    /* The counter can only be full when a wake-up is pending anyway. */
    while (write(l->wake.fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

/* Runs what was posted before this call; what that posts runs next time, so
 * that work which posts itself again cannot starve the descriptors. */
static void run_posted(struct loop_source *s, unsigned what)
{
    struct loop *l = CONTAINER_OF(s, struct loop, wake);
    struct loop_work *w, *next;
    uint64_t count;

    (void)what;
    while (read(s->fd, &count, sizeof(count)) < 0 && errno == EINTR)
        ;
    pthread_mutex_lock(&l->lock);
    w = l->first;
    l->first = NULL;
    l->last = &l->first;
    pthread_mutex_unlock(&l->lock);
    for (; w; w = next) {
        next = w->next; /* run() may free the work, or post it again */
        w->run(w);
    }
}

static uint32_t epoll_mask(unsigned what)
{
    return (what & LOOP_READ ? (uint32_t)EPOLLIN : 0) |
           (what & LOOP_WRITE ? (uint32_t)EPOLLOUT : 0);
}

static int control(struct loop *l, int op, struct loop_source *s, uint32_t mask)
{
    struct epoll_event ev = {.events = mask, .data.ptr = s};

    return epoll_ctl(l->epoll_fd, op, s->fd, &ev) ? -errno : 0;
}

struct loop *loop_create(void)
{
    struct loop *l = calloc(1, sizeof(*l));
    int saved;

    if (!l)
        return NULL;
    pthread_mutex_init(&l->lock, NULL);
    l->last = &l->first;
    l->wake.ready = run_posted;
    l->wake.fd = -1;
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll_fd < 0)
        goto fail;
    l->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->wake.fd < 0)
        goto fail;
    errno = -loop_add(l, &l->wake, LOOP_READ);
    if (errno)
        goto fail;
    return l;
fail:
    saved = errno;
    loop_destroy(l);
    errno = saved;
    return NULL;
}

void loop_destroy(struct loop *l)
{
    if (!l)
        return;
    if (l->wake.fd >= 0)
        close(l->wake.fd);
    if (l->epoll_fd >= 0)
        close(l->epoll_fd);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

int loop_add(struct loop *l, struct loop_source *s, unsigned what)
{
    s->seq = 0;
    return control(l, EPOLL_CTL_ADD, s, epoll_mask(what));
}

int loop_add_shared(struct loop *l, struct loop_source *s)
{
    s->seq = 0;
    return control(l, EPOLL_CTL_ADD, s,
                   (uint32_t)EPOLLIN | (uint32_t)EPOLLEXCLUSIVE);
}

int loop_mod(struct loop *l, struct loop_source *s, unsigned what)
{
    return control(l, EPOLL_CTL_MOD, s, epoll_mask(what));
}

void loop_del(struct loop *l, struct loop_source *s)
{
    /* Fails only for a descriptor that is not (or no longer) watched. */
    (void)control(l, EPOLL_CTL_DEL, s, 0);
    if (s->seq) {
        l->batch[s->seq - 1].data.ptr = NULL;
        s->seq = 0;
    }
}

void loop_post(struct loop *l, struct loop_work *w)
{
    bool was_empty;

    w->next = NULL;
    pthread_mutex_lock(&l->lock);
    was_empty = !l->first;
    *l->last = w;
    l->last = &w->next;
    pthread_mutex_unlock(&l->lock);
    if (was_empty)
        wake_up(l);
}

/* Takes one look at the stop request: true once per loop_stop(). */
static bool stop_requested(struct loop *l)
{
    bool stop;

    pthread_mutex_lock(&l->lock);
    stop = l->stop;
    l->stop = false;
    pthread_mutex_unlock(&l->lock);
    return stop;
}

/* What is left of a batch when the loop stops is level-triggered: it comes
 * again if the loop is run again. */
static void forget_batch(struct loop *l, int from, int n)
{
    for (int i = from; i < n; i++) {
        struct loop_source *s = l->batch[i].data.ptr;

        if (s)
            s->seq = 0;
        l->batch[i].data.ptr = NULL;
    }
}

static void dispatch(struct epoll_event *ev)
{
    struct loop_source *s = ev->data.ptr;
    unsigned what = 0;

    if (!s)
        return; /* deleted since the batch was collected */
    s->seq = 0;
    if (ev->events & (uint32_t)EPOLLIN)
        what |= LOOP_READ;
    if (ev->events & (uint32_t)EPOLLOUT)
        what |= LOOP_WRITE;
    if (ev->events & ((uint32_t)EPOLLHUP | (uint32_t)EPOLLERR))
        what |= LOOP_HANGUP;
    s->ready(s, what);
}

void loop_run(struct loop *l)
{
    for (;;) {
        int n;

        if (stop_requested(l))
            return;
        n = epoll_wait(l->epoll_fd, l->batch, BATCH, -1);
        if (n < 0)
            continue; /* EINTR: nothing else can happen to a valid loop */
        for (int i = 0; i < n; i++) {
            struct loop_source *s = l->batch[i].data.ptr;

            s->seq = (uint64_t)i + 1;
        }
        for (int i = 0; i < n; i++) {
            dispatch(&l->batch[i]);
            if (stop_requested(l)) {
                forget_batch(l, i + 1, n);
                return;
            }
        }
    }
}

void loop_stop(struct loop *l)
{
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_mutex_unlock(&l->lock);
    wake_up(l);
}
