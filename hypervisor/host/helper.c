/* SPDX-License-Identifier: ISC */
/* Threads, and pools of them that run jobs for loops. */
#include <host/helper.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <base/compiler.h>
#include <host/clock.h>

struct thread {
    pthread_t id;
    void (*fn)(void *arg);
    void *arg;
    char name[16]; /* what Linux keeps of a thread's name                  */
};

struct helper {
    pthread_mutex_t lock; /* guards everything below but nr and threads    */
    pthread_cond_t more;
    struct helper_job *first, **last;
    struct helper_job *later; /* those with a time, the soonest first      */
    bool ending;
    unsigned nr;
    struct thread *threads[];
};

static void *thread_main(void *arg)
{
    struct thread *t = arg;

    (void)pthread_setname_np(pthread_self(), t->name); /* for people only */
    t->fn(t->arg);
    return NULL;
}

int thread_start(struct thread **out, const char *name, void (*fn)(void *arg),
                 void *arg)
{
    struct thread *t = calloc(1, sizeof(*t));
    sigset_t all, old;
    int rc;

    *out = NULL;
    if (!t)
        return -ENOMEM;
    t->fn = fn;
    t->arg = arg;
    snprintf(t->name, sizeof(t->name), "%s", name);
    sigfillset(&all);
    sigdelset(&all, SIGSYS); /* not one that comes from outside: seccomp.c */
    sigdelset(&all, SIGBUS); /* host/guard.h */
    /* The new thread inherits the mask. */
    pthread_sigmask(SIG_SETMASK, &all, &old);
    rc = pthread_create(&t->id, NULL, thread_main, t);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc) {
        free(t);
        return -rc;
    }
    *out = t;
    return 0;
}

void thread_join(struct thread *t)
{
    pthread_join(t->id, NULL);
    free(t);
}

static void run_done(struct loop_work *w)
{
    struct helper_job *j = CONTAINER_OF(w, struct helper_job, posted);

    j->done(j);
}

static void append(struct helper *h, struct helper_job *j)
{
    j->next = NULL;
    *h->last = j;
    h->last = &j->next;
}

/* Queues those of the later jobs whose time has come. */
static void take_due(struct helper *h)
{
    uint64_t now = h->later ? clock_mono_ns() : 0;

    while (h->later && (h->ending || h->later->due_ns <= now)) {
        struct helper_job *j = h->later;

        h->later = j->next;
        append(h, j);
    }
}

/* Until something may have to be done. */
static void rest(struct helper *h)
{
    struct timespec due;

    if (!h->later) {
        pthread_cond_wait(&h->more, &h->lock);
        return;
    }
    due.tv_sec = (time_t)(h->later->due_ns / 1000000000u);
    due.tv_nsec = (long)(h->later->due_ns % 1000000000u);
    (void)pthread_cond_timedwait(&h->more, &h->lock, &due); /* then we look */
}

static struct helper_job *next_job(struct helper *h)
{
    struct helper_job *j;

    for (;;) {
        take_due(h);
        if (h->first || h->ending)
            break;
        rest(h);
    }
    j = h->first;
    if (j)
        h->first = j->next;
    if (!h->first)
        h->last = &h->first;
    return j;
}

static void helper_main(void *arg)
{
    struct helper *h = arg;
    struct helper_job *j;

    pthread_mutex_lock(&h->lock);
    while ((j = next_job(h))) {
        bool report = j->done != NULL; /* without it, work() may free the job */

        pthread_mutex_unlock(&h->lock);
        j->work(j);
        if (report) {
            j->posted.run = run_done;
            loop_post(j->loop, &j->posted);
        }
        pthread_mutex_lock(&h->lock);
    }
    pthread_mutex_unlock(&h->lock);
}

/* Its clock is clock_mono_ns()'s. */
static void init_cond(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

struct helper *helper_create(const char *name, unsigned threads)
{
    struct helper *h =
        calloc(1, sizeof(*h) + threads * sizeof(struct thread *));

    if (!h) {
        errno = ENOMEM;
        return NULL;
    }
    pthread_mutex_init(&h->lock, NULL);
    init_cond(&h->more);
    h->last = &h->first;
    while (h->nr < threads) {
        int rc = thread_start(&h->threads[h->nr], name, helper_main, h);

        if (rc) {
            helper_destroy(h);
            errno = -rc;
            return NULL;
        }
        h->nr++;
    }
    return h;
}

void helper_run(struct helper *h, struct helper_job *j)
{
    pthread_mutex_lock(&h->lock);
    append(h, j);
    pthread_cond_signal(&h->more);
    pthread_mutex_unlock(&h->lock);
}

void helper_run_later(struct helper *h, struct helper_job *j, uint64_t ns)
{
    struct helper_job **at = &h->later;

    j->due_ns = clock_mono_ns() + ns;
    pthread_mutex_lock(&h->lock);
    while (*at && (*at)->due_ns <= j->due_ns)
        at = &(*at)->next;
    j->next = *at;
    *at = j;
    pthread_cond_signal(&h->more);
    pthread_mutex_unlock(&h->lock);
}

void helper_destroy(struct helper *h)
{
    if (!h)
        return;
    pthread_mutex_lock(&h->lock);
    h->ending = true;
    pthread_cond_broadcast(&h->more);
    pthread_mutex_unlock(&h->lock);
    for (unsigned i = 0; i < h->nr; i++)
        thread_join(h->threads[i]);
    pthread_cond_destroy(&h->more);
    pthread_mutex_destroy(&h->lock);
    free(h);
}
