/* SPDX-License-Identifier: ISC */
/* The worker threads. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <host/clock.h>
#include <host/fd.h>
#include <host/sysinfo.h>
#include "conn.h"

/* A domain goes to another worker only if that has so many fewer. */
#define IMBALANCE_MAX 64

static __thread struct worker *self;

struct worker *worker_self(void)
{
    return self;
}

struct worker *worker_choose(struct worker *here)
{
    struct daemon *dm = here->dm;
    struct worker *least = here;
    unsigned i;

    for (i = 0; i < dm->nr_workers; i++)
        if (dm->worker[i].nr_domains < least->nr_domains)
            least = &dm->worker[i];
    return here->nr_domains > least->nr_domains + IMBALANCE_MAX ? least : here;
}

/* The socket stays readable as long as nobody can be accepted: the worker looks
 * away for this long, rather than at nothing else. */
#define REST_NS 50000000u

static void listener_ready(struct loop_source *s, unsigned what)
{
    struct worker *w = CONTAINER_OF(s, struct worker, listener);

    (void)what;
    if (conn_accept(w) || timer_arm(w->rest.fd, REST_NS))
        return;
    loop_del(w->loop, &w->listener);
}

static void rest_over(struct loop_source *s, unsigned what)
{
    struct worker *w = CONTAINER_OF(s, struct worker, rest);
    bool stopping;

    (void)what;
    timer_ack(s->fd);
    daemon_lock(w->dm);
    stopping = w->dm->stopping;
    daemon_unlock(w->dm);
    if (!stopping && loop_add_shared(w->loop, &w->listener))
        (void)!timer_arm(s->fd, REST_NS); /* an open timer can be armed */
}

/* For a stop: no more connections, and this worker's domains die. */
static void run_kill_all(struct loop_work *work)
{
    struct worker *w = CONTAINER_OF(work, struct worker, kill_all);
    struct daemon *dm = w->dm;
    struct hv_domain *hvd, *next;
    struct dom *d;

    loop_del(w->loop, &w->listener);
    daemon_lock(dm);
    for (hvd = hv_domain_next(dm->hv, NULL); hvd; hvd = next) {
        d = hv_domain_owner(hvd);
        next = hv_domain_next(dm->hv, hvd);
        restart_cancel(d);
        if (d->w == w)
            dom_kill(d, "destroyed");
    }
    for (d = dm->restarts; d; d = d->next_restart)
        restart_hurry(d);
    daemon_unlock(dm);
}

static void run_finish(struct loop_work *work)
{
    struct worker *w = CONTAINER_OF(work, struct worker, finish);

    daemon_lock(w->dm);
    conn_close_all(w);
    daemon_unlock(w->dm);
    loop_stop(w->loop);
}

static void worker_main(void *arg)
{
    struct worker *w = arg;

    self = w;
    /* Unpinned is only slower. */
    if (w->cpu >= 0 && sysinfo_pin_thread(w->cpu))
        w->cpu = -1;
    loop_run(w->loop);
}

static int worker_init(struct worker *w, struct daemon *dm, unsigned nr)
{
    unsigned cpus = dm->nr_cpus;

    w->dm = dm;
    w->nr = nr;
    /* With more workers than CPUs they go round. */
    w->cpu = sysinfo_cpu(nr % cpus);
    w->kill_all.run = run_kill_all;
    w->finish.run = run_finish;
    w->lost.run = lost_run;
    w->listener.fd = dm->listen_fd;
    w->listener.ready = listener_ready;
    w->rest.ready = rest_over;
    w->rest.fd = -1;
    w->loop = loop_create();
    if (!w->loop)
        return -errno;
    w->rest.fd = timer_open();
    return w->rest.fd < 0 ? w->rest.fd : loop_add(w->loop, &w->rest, LOOP_READ);
}

int workers_start(struct daemon *dm)
{
    unsigned i, n = dm->options->workers;
    char name[32];
    int rc = 0;

    if (!n)
        n = MIN(dm->nr_cpus, (unsigned)MAX_WORKERS);
    dm->worker = calloc(n, sizeof(*dm->worker));
    if (!dm->worker)
        return -ENOMEM;
    for (i = 0; i < n && !rc; i++)
        rc = worker_init(&dm->worker[i], dm, i);
    for (i = 0; i < n && !rc; i++) {
        struct worker *w = &dm->worker[i];

        rc = loop_add_shared(w->loop, &w->listener);
        if (rc)
            break;
        snprintf(name, sizeof(name), "midge-w%u", i);
        rc = thread_start(&w->thread, name, worker_main, w);
        if (!rc)
            dm->nr_workers++;
    }
    return rc;
}

void workers_join(struct daemon *dm)
{
    unsigned i;

    for (i = 0; i < dm->nr_workers; i++)
        thread_join(dm->worker[i].thread);
    for (i = 0; i < dm->nr_workers; i++) {
        fd_close(&dm->worker[i].rest.fd);
        loop_destroy(dm->worker[i].loop);
    }
    free(dm->worker);
    dm->worker = NULL;
    dm->nr_workers = 0;
}
