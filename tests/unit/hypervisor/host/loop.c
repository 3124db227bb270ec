/* SPDX-License-Identifier: ISC */
/* Event loop, helpers, timers. */
#include "host_test.h"

#include <stdlib.h>
#include <string.h>

#include <base/compiler.h>
#include <host/clock.h>
#include <host/fd.h>
#include <host/futex.h>
#include <host/helper.h>
#include <host/loop.h>
#include <host/pipe.h>

static struct loop *loop;

/* --- sources --------------------------------------------------------------- */

struct watched {
    struct loop_source src;
    int write_end;
    unsigned seen, what;
    struct watched *deletes; /* deleted and freed when this one is ready   */
    bool stops;
};

static void watched_ready(struct loop_source *s, unsigned what)
{
    struct watched *w = CONTAINER_OF(s, struct watched, src);

    w->seen++;
    w->what = what;
    (void)fd_drain(s->fd, 100);
    if (w->deletes) {
        struct watched *d = w->deletes;

        loop_del(loop, &d->src);
        fd_close(&d->src.fd);
        fd_close(&d->write_end);
        memset(d, 0xee, sizeof(*d)); /* ASan sees later uses after free() */
        free(d);
        w->deletes = NULL;
    }
    if (w->stops)
        loop_stop(loop);
    if (what & LOOP_HANGUP)
        loop_del(loop, s);
}

static struct watched *watch_pipe(void)
{
    struct watched *w = calloc(1, sizeof(*w));
    int fd[2];

    if (!w || pipe_create(fd))
        abort();
    w->src.fd = fd[0];
    w->write_end = fd[1];
    w->src.ready = watched_ready;
    check(loop_add(loop, &w->src, LOOP_READ) == 0, "loop_add");
    return w;
}

static void drop(struct watched *w)
{
    loop_del(loop, &w->src);
    fd_close(&w->src.fd);
    fd_close(&w->write_end);
    free(w);
}

static void ring(struct watched *w)
{
    check(fd_write(w->write_end, "x", 1) == 1, "ring");
}

static void stop_work(struct loop_work *w)
{
    (void)w;
    loop_stop(loop);
}

/* Runs the loop until everything that is ready now has been served: the work is
 * posted again once, so that a whole batch lies between. */
static void settle_again(struct loop_work *w)
{
    w->run = stop_work;
    loop_post(loop, w);
}

static void settle(void)
{
    struct loop_work w = {.run = settle_again};

    loop_post(loop, &w);
    loop_run(loop);
}

static void test_sources(void)
{
    struct watched *w = watch_pipe();

    settle();
    check(w->seen == 0, "nothing ready, nothing called");
    ring(w);
    settle();
    check(w->seen == 1 && w->what == LOOP_READ, "readable once");
    check(loop_mod(loop, &w->src, 0) == 0, "loop_mod to nothing");
    ring(w);
    settle();
    check(w->seen == 1, "not watched for reading: not called");
    check(loop_mod(loop, &w->src, LOOP_READ) == 0, "loop_mod to reading");
    settle();
    check(w->seen == 2, "level-triggered: the byte is still there");
    fd_close(&w->write_end);
    settle();
    check(w->seen == 3 && (w->what & LOOP_HANGUP), "hang-up is reported");
    drop(w);
}

/* Whichever of two ready sources comes first deletes and frees the other, whose
 * readiness has been collected already. */
static void test_stale(void)
{
    for (int i = 0; i < 20; i++) {
        struct watched *a = watch_pipe(), *b = watch_pipe();

        a->deletes = b;
        ring(b);
        ring(a);
        settle();
        check(a->seen == 1, "survivor was called (b first or not)");
        drop(a);

        a = watch_pipe();
        b = watch_pipe();
        b->deletes = a;
        ring(b);
        ring(a);
        settle();
        check(b->seen == 1, "survivor was called (a first or not)");
        drop(b);
    }
}

static void test_stop_in_batch(void)
{
    struct watched *a = watch_pipe(), *b = watch_pipe();
    unsigned first;

    a->stops = b->stops = true;
    ring(a);
    ring(b);
    loop_run(loop);
    first = a->seen + b->seen;
    check(first == 1, "loop_stop: returns after the running handler");
    loop_run(loop);
    check(a->seen == 1 && b->seen == 1, "the rest comes in the next run");
    drop(a);
    drop(b);
}

/* --- posts ----------------------------------------------------------------- */

#define NR_POSTS 1000

struct numbered {
    struct loop_work work;
    unsigned n;
};
static struct numbered posts[NR_POSTS];
static unsigned posts_run, out_of_order;

static void run_numbered(struct loop_work *w)
{
    struct numbered *p = CONTAINER_OF(w, struct numbered, work);

    if (p->n != posts_run)
        out_of_order++;
    posts_run++;
    if (posts_run == NR_POSTS)
        loop_stop(loop);
}

static void post_all(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < NR_POSTS; i++) {
        posts[i] = (struct numbered){.work.run = run_numbered, .n = i};
        loop_post(loop, &posts[i].work);
    }
}

static void test_posts(void)
{
    struct thread *t;

    check(thread_start(&t, "poster", post_all, NULL) == 0, "thread_start");
    loop_run(loop);
    thread_join(t);
    check(posts_run == NR_POSTS, "every post ran");
    check(out_of_order == 0, "in order of posting");
    loop_stop(loop);
    loop_run(loop);
    check(1, "loop_stop before loop_run: returns at once");
}

/* --- helpers and timers ------------------------------------------------------ */

struct sum_job {
    struct helper_job job;
    unsigned in, out;
};
static unsigned jobs_done;

static void square(struct helper_job *j)
{
    struct sum_job *s = CONTAINER_OF(j, struct sum_job, job);

    s->out = s->in * s->in;
}

static void squared(struct helper_job *j)
{
    struct sum_job *s = CONTAINER_OF(j, struct sum_job, job);

    if (s->out == s->in * s->in)
        jobs_done++;
    if (s->in == 99)
        loop_stop(loop);
    free(s);
}

static void test_helper(void)
{
    struct helper *h = helper_create("test-helper", 1);

    check(h != NULL, "helper_create");
    for (unsigned i = 0; i < 100; i++) {
        struct sum_job *s = calloc(1, sizeof(*s));

        if (!s)
            abort();
        s->in = i;
        s->job =
            (struct helper_job){.work = square, .done = squared, .loop = loop};
        helper_run(h, &s->job);
    }
    loop_run(loop);
    check(jobs_done == 100, "every job ran and was reported here");
    helper_destroy(h);
}

/* --- jobs for later --- */

struct later_job {
    struct helper_job job;
    uint64_t due_ns;
    unsigned nr;
};
static unsigned order[4], nr_ordered;
static bool too_early;

static void note_order(struct helper_job *j)
{
    struct later_job *l = CONTAINER_OF(j, struct later_job, job);

    too_early = too_early || clock_mono_ns() < l->due_ns;
    order[nr_ordered++] = l->nr;
}

static void note_end(struct helper_job *j)
{
    struct later_job *l = CONTAINER_OF(j, struct later_job, job);

    if (l->nr == 2)
        loop_stop(loop);
}

static void run_later(struct later_job *l, struct helper *h, unsigned nr,
                      uint64_t ns)
{
    *l = (struct later_job){
        .job = {.work = note_order, .done = note_end, .loop = loop}, .nr = nr};
    l->due_ns = clock_mono_ns() + ns;
    helper_run_later(h, &l->job, ns);
}

static void test_later(void)
{
    struct helper *h = helper_create("test-later", 1);
    struct later_job l[3];

    run_later(&l[2], h, 2, 20000000);
    run_later(&l[1], h, 1, 10000000);
    run_later(&l[0], h, 0, 0);
    loop_run(loop);
    check(nr_ordered == 3 && order[0] == 0 && order[1] == 1 && order[2] == 2,
          "jobs for later run in the order of their times");
    check(!too_early, "none too early");
    run_later(&l[0], h, 3, 3600000000000u);
    l[0].due_ns = 0;
    l[0].job.done = NULL;
    helper_destroy(h);
    check(nr_ordered == 4, "what is left runs at the end");
}

static void timer_ready(struct loop_source *s, unsigned what)
{
    (void)what;
    timer_ack(s->fd);
    loop_stop(loop);
}

static void test_timer(void)
{
    struct loop_source s = {.fd = timer_open(), .ready = timer_ready};
    uint64_t t0 = clock_mono_ns();

    check(s.fd >= 0 && loop_add(loop, &s, LOOP_READ) == 0, "timer_open");
    check(timer_arm(s.fd, 3000000) == 0, "timer_arm");
    loop_run(loop);
    check(clock_mono_ns() - t0 >= 3000000, "a timer is never early");
    loop_del(loop, &s);
    fd_close(&s.fd);
}

static void test_clock(void)
{
    struct clock_params p;
    uint64_t tsc, ns, mono, delta;
    int64_t off;

    clock_init();
    clock_tsc_params(&p);
    check(p.tsc_to_system_mul >= 1u << 31, "the multiplier is normalised");
    tsc = clock_tsc();
    mono = clock_mono_ns();
    delta = tsc - p.tsc_timestamp;
    delta = p.tsc_shift < 0 ? delta >> -p.tsc_shift : delta << p.tsc_shift;
    ns = p.system_time_ns +
         (uint64_t)(((unsigned __int128)delta * p.tsc_to_system_mul) >> 32);
    off = (int64_t)(ns - mono);
    check(off > -50000 && off < 50000, "TSC time and clock agree (%lld ns)",
          (long long)off);
    check(clock_tsc_hz() > 100000000, "TSC rate is plausible");
}

void test_loop(void)
{
    loop = loop_create();
    check(loop != NULL, "loop_create");
    if (!loop)
        abort();
    test_sources();
    test_stale();
    test_stop_in_batch();
    test_posts();
    test_helper();
    test_later();
    test_timer();
    test_clock();
    loop_destroy(loop);
}
