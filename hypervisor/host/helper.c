/* SPDX-License-Identifier: ISC */
/* Threads, and pools of them that run jobs for loops. */
#include <host/helper.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <base/compiler.h>

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

static void helper_main(void *arg)
{
    struct helper *h = arg;
    struct helper_job *j;

    pthread_mutex_lock(&h->lock);
    for (;;) {
        bool report;

        while (!h->first && !h->ending)
            pthread_cond_wait(&h->more, &h->lock);
        j = h->first;
        if (!j)
            break;
        h->first = j->next;
        if (!h->first)
            h->last = &h->first;
        pthread_mutex_unlock(&h->lock);
        report = j->done != NULL; /* without it, work() may free the job */
        j->work(j);
        if (report) {
            j->posted.run = run_done;
            loop_post(j->loop, &j->posted);
        }
        pthread_mutex_lock(&h->lock);
    }
    pthread_mutex_unlock(&h->lock);
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
    pthread_cond_init(&h->more, NULL);
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
    j->next = NULL;
    pthread_mutex_lock(&h->lock);
    *h->last = j;
    h->last = &j->next;
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
