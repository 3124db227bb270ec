/* SPDX-License-Identifier: ISC */
/*
 * No event is lost, none comes twice, and no register changes, wherever in the
 * monitor an event finds the vCPU: each path through it is single-stepped under
 * ptrace once for every instruction on it.
 */
#include "exits.h"

#include <stdlib.h>

#include <base/compiler.h>
#include <host/loop.h>
#include <host/signals.h>
#include <tap.h>

/* "exits.t all" tries most distances in cuts, on every path, for long. */
static const struct distances few = {24, 50}, most = {1, UINT32_MAX};
static const struct distances *distances = &few;

static unsigned total_runs, total_instructions;

int check(int good, const char *format, ...)
{
    va_list ap;

    if (good)
        return 1;
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputs("\n", stderr);
    exit(1);
}

static void report(const struct walk *w)
{
    if (w->failures)
        printf("#   %u of %u runs failed; first: instruction %u (rip %#llx) + "
               "%u: %s\n",
               w->failures, w->runs, w->at, (unsigned long long)w->rip, w->more,
               w->why);
}

static void test_path(const struct path *p, enum what what, enum cut cut,
                      const char *label)
{
    struct walk w;

    walk(p, what, cut, distances, &w);
    if (!w.runs)
        return;
    total_runs += w.runs;
    if (what == EVENT && cut == CUT_NONE)
        total_instructions += w.instructions;
    ok(w.failures == 0, "%s: %s: %u instructions, %u runs", p->name, label,
       w.instructions, w.runs);
    report(&w);
}

/* The same must find what is wrong with a monitor or daemon that is broken. */
static void test_fault(enum fault fault, const char *name, const char *label)
{
    const struct path *p = path_by_name(name);
    struct walk w;

    world_start(fault);
    walk(p, EVENT, CUT_NONE, &few, &w);
    world_end();
    ok(w.failures > 0, "%s: noticed on the path \"%s\" (%u of %u)", label, name,
       w.failures, w.runs);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "all"))
        distances = &most;
    steps_init();
    is_int(signals_init(), 0, "signals_init");
    test_loop = loop_create();
    world_start(SOUND);
    for (unsigned i = 0; i < nr_paths; i++) {
        test_path(&paths[i], EVENT, CUT_NONE, "event");
        test_path(&paths[i], TIMER, CUT_NONE, "timer");
        if (!paths[i].cuts && distances == &few)
            continue;
        test_path(&paths[i], EVENT, CUT_KICK, "event, kick later");
        test_path(&paths[i], EVENT, CUT_SIGNAL, "event, signal later");
    }
    world_end();
    test_fault(NO_WINDOWS, "hypercall", "exits that are not started over");
    test_fault(NO_WINDOWS, "iret", "exits that are not started over");
    test_fault(WRONG_STACK, "hypercall", "exits with a stack a word off");
    test_fault(NO_WAKE_SEQ, "block", "an event that does not count");
    test_fault(NO_SIGNAL, "guest code", "no signal");
    printf("# %u instructions on %u paths, %u runs, %llu steps\n",
           total_instructions, nr_paths, total_runs,
           (unsigned long long)world.t.steps);
    loop_destroy(test_loop);
    return tap_done();
}
