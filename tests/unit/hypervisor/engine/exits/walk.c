/* SPDX-License-Identifier: ISC */
/* Walks: a path is run once for every place an event can come at. */
#include "exits.h"

#include <stdlib.h>
#include <xen/event_channel.h>

#include <base/compiler.h>

#define MAX_PLACES 4096u
#define MAX_ROUNDS 4u

/* The path as it is when nothing more happens, instruction by instruction. */
static struct place {
    uint64_t rip;
    int signal;
    bool again;  /* the same instruction goes on (rep)                   */
    bool told;   /* the vCPU comes here for the first time               */
    bool sleeps; /* in here, rather than before it                       */
} place[MAX_PLACES];
static unsigned nr_places;

/* Where a path with FIRST_ASLEEP sleeps. */
static uint64_t sleep_rip;

static bool at_done(void)
{
    return world.t.stop == STOPPED &&
           world.t.regs.rip == guest_label(exits_done);
}

static unsigned came_by(uint64_t rip)
{
    unsigned n = 0;

    for (unsigned i = 0; i < nr_places; i++)
        n += place[i].rip == rip;
    return n;
}

static void note_place(bool started)
{
    const struct tracee *t = &world.t;
    struct place *p = &place[nr_places];

    if (nr_places >= MAX_PLACES)
        abort();
    *p = (struct place){.rip = t->regs.rip, .signal = t->signal};
    p->sleeps = t->stop == ASLEEP;
    p->told = !p->signal && !p->sleeps && started && !came_by(p->rip);
    if (nr_places && !p->signal && !p->sleeps)
        p->again = (p->rip == p[-1].rip && !p[-1].signal) ||
                   came_by(p->rip) > MAX_ROUNDS;
    nr_places++;
}

static void to_sleep(void)
{
    trace_run_to(&world.t, sleep_rip);
    (void)trace_step(&world.t);
}

/* Begins the path, up to where its places are counted from. */
static void begin(const struct path *p, enum what what)
{
    if (what == TIMER) {
        path_begin(&paths[0]);
        arm_timer();
    }
    path_begin(p);
    if (p->first == FIRST_ASLEEP) {
        to_sleep();
        raise_event(world.first, CUT_NONE, 0);
        (void)trace_step(&world.t);
    }
}

static void find_sleep(const struct path *p)
{
    path_begin(p);
    while (trace_step(&world.t) == STOPPED && !at_done())
        sleep_rip = world.t.regs.rip;
    if (world.t.stop != ASLEEP)
        abort();
    raise_event(world.first, CUT_NONE, 0);
    (void)trace_run(&world.t, guest_label(exits_done));
}

static void record(const struct path *p, enum what what)
{
    nr_places = 0;
    if (p->first == FIRST_ASLEEP)
        find_sleep(p);
    begin(p, what);
    while (!at_done() && world.t.stop == STOPPED) {
        note_place(nr_places > 0);
        (void)trace_step(&world.t);
    }
    if (at_done())
        return;
    note_place(true);
    raise_event(world.second, CUT_NONE, 0);
    (void)trace_run(&world.t, guest_label(exits_done));
}

/* To place (k): from the last one before it that a breakpoint finds. */
static bool seek(unsigned k)
{
    unsigned from = k;

    while (from && !place[from].told)
        from--;
    if (from)
        trace_run_to(&world.t, place[from].rip);
    for (; from < k && world.t.stop == STOPPED; from++)
        (void)trace_step(&world.t);
    return place[k].sleeps
               ? world.t.stop == ASLEEP
               : world.t.stop == STOPPED && world.t.regs.rip == place[k].rip &&
                     world.t.signal == place[k].signal;
}

/* Makes it happen; false when the cut was not all used. */
static bool happen(enum what what, enum cut cut, unsigned j)
{
    if (what == TIMER)
        timer_comes();
    else if (call_waits())
        serve_call(world.second);
    else
        raise_event(world.second, cut, j);
    return cut == CUT_NONE || world.made >= j;
}

/* A vCPU that blocks after it has had its event needs another. */
static bool woken(const struct path *p, evtchn_port_t port)
{
    if (world.t.stop != ASLEEP || !p->blocks ||
        !guest_word(EXITS_EVENTS + port * 8ul))
        return false;
    raise_event(world.first, CUT_NONE, 0);
    return true;
}

static const char *finish(const struct path *p, enum what what, bool late)
{
    evtchn_port_t port = what == TIMER ? world.timer : world.second;
    uint64_t end = guest_label(late ? exits_late : exits_done);
    bool extra;

    (void)trace_run(&world.t, end);
    extra = woken(p, port);
    if (extra)
        (void)trace_run(&world.t, end);
    return path_check(p, port, extra, late);
}

static void failed(struct walk *w, unsigned k, unsigned j, const char *why)
{
    if (!w->failures) {
        w->why = why;
        w->at = k;
        w->more = j;
        w->rip = place[k].rip;
    }
    w->failures++;
    world_again();
}

/* Returns false when more steps in the cut would be the same. */
static bool one_run(const struct path *p, enum what what, enum cut cut,
                    unsigned k, unsigned j, struct walk *w)
{
    const char *why = "the path is not the same";
    bool whole = false;

    begin(p, what);
    if (seek(k)) {
        whole = happen(what, cut, j);
        why = finish(p, what, cut != CUT_NONE);
    }
    w->runs++;
    if (why)
        failed(w, k, j, why);
    return whole;
}

void walk(const struct path *p, enum what what, enum cut cut,
          const struct distances *dist, struct walk *w)
{
    *w = (struct walk){0};
    if (what == TIMER && !p->timer)
        return;
    record(p, what);
    for (unsigned k = 0; k < nr_places; k++) {
        unsigned j = cut != CUT_NONE;

        if (place[k].again)
            continue;
        w->instructions++;
        while (one_run(p, what, cut, k, j, w) && cut != CUT_NONE &&
               j < dist->farthest)
            j += 1 + j * dist->spread / 4;
    }
}
