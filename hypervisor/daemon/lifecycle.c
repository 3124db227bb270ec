/* SPDX-License-Identifier: ISC */
/* A domain while its process exists: start, pause, doorbell, death notice. The
 * states are drawn in daemon.h; ending.c has what follows the end. */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <xen/sched.h>
#include <host/clock.h>
#include <sandbox/sandbox.h>
#include "conn.h"
#include "templates.h"

static void begin_pause(struct dom *d)
{
    if (d->paused) {
        replies_ok(&d->pause_replies);
    } else if (!d->pausing) {
        d->pausing = true;
        d->dm->engine->vm_pause(d->vm);
    }
}

static void start(struct dom *d)
{
    const struct engine_ops *engine = d->dm->engine;
    struct ctl_error e;

    dom_mark(d, MARK_FORKED);
    d->state = DOM_ALIVE;
    d->spawned = true;
    d->started_ns = clock_mono_ns();
    if (place_process(d, &e)) {
        if (d->heir_of)
            log_line(d->dm, "%s: cannot be restarted: %s", d->name, e.text);
        /* Answered when nothing is left of it. */
        d->refusal = malloc(sizeof(*d->refusal));
        if (d->refusal)
            *d->refusal = e;
        dom_kill(d, "destroyed");
        return;
    }
    hv_domain_start(d->hvd);
    if (d->start_paused) {
        d->paused = true;
    } else {
        engine->vm_unpause(d->vm);
        dom_mark(d, MARK_GATE);
    }
    create_done(d);
    if (d->pause_replies)
        begin_pause(d);
    dom_log(d, "created: %s, %llu KiB%s%s%s", d->kernel,
            (unsigned long long)d->config.memory_kb,
            d->start_paused ? ", paused" : "",
            d->cmdline[0] ? ", arguments: " : "", d->cmdline);
}

static void on_spawned(void *owner, int rc)
{
    struct dom *d = owner;
    struct daemon *dm = d->dm;
    struct ctl_error e;

    daemon_lock(dm);
    if (d->state == DOM_DYING && !rc) {
        /* Destroyed while it was being made. */
        d->spawned = true;
        dm->engine->vm_kill(d->vm);
    } else if (d->state == DOM_DYING) {
        dom_gone(d);
    } else if (rc && templates_make_room(dm, rc)) {
        make_again(d);
    } else if (rc) {
        (void)ctl_refuse(&e, error_name(rc, CTL_INTERNAL), /* fills (e) */
                         "the domain's process could not be started: %s%s",
                         strerror(-rc), error_advice(rc));
        create_fail(d, &e);
    } else {
        start(d);
    }
    daemon_unlock(dm);
}

static void on_doorbell(void *owner)
{
    struct dom *d = owner;
    struct daemon *dm = d->dm;

    daemon_lock(dm);
    if (d->state == DOM_ALIVE)
        dom_serve_doorbell(d);
    daemon_unlock(dm);
}

/* Which call it was the process has noted itself, unless it was none of
 * x86-64's. A guest may lie there: it fools its own log. */
static void report_violation(struct dom *d)
{
    volatile const struct portal_violation *v = &d->win.portal->violation;
    bool made = v->made == 1;
    uint32_t nr = v->nr;
    uint64_t ip = v->ip;
    const char *name = sandbox_call_name(nr);

    if (made)
        dom_log(d,
                "sandbox violation: the guest tried system call %u (%s) at "
                "%#llx, which its filter forbids, and was killed",
                nr, name ? name : "unknown", (unsigned long long)ip);
    else
        dom_log(d, "sandbox violation: the guest tried a system call that its "
                   "filter forbids (int 0x80, or one it did not name), and was "
                   "killed");
}

/* The monitor's codes; a guest can leave with the same, and then they are its
 * own word about itself. */
static const char *why_left(int code)
{
    switch (code) {
    case CHILD_EXIT_WINDOW:
        return "its process could not map its shared pages: is there memory "
               "enough?";
    case CHILD_EXIT_MAP:
        return "its process could not map its memory: is there enough, and is "
               "vm.max_map_count high enough?";
    case CHILD_EXIT_FILTER:
        return "its process could not install its filter (seccomp)";
    default:
        return "its process left without a shutdown";
    }
}

/* The process ended while the domain was alive: nobody asked it to. */
static void report_death(struct dom *d, int status)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        report_violation(d);
    else if (WIFSIGNALED(status))
        dom_log(d, "its process was killed by signal %d (%s)", WTERMSIG(status),
                strsignal(WTERMSIG(status)));
    else
        dom_log(d, "%s (code %d)", why_left(WEXITSTATUS(status)),
                WEXITSTATUS(status));
}

static void on_exited(void *owner, int status)
{
    struct dom *d = owner;
    struct daemon *dm = d->dm;

    daemon_lock(dm);
    d->proc_gone = true;
    if (d->state == DOM_ALIVE) {
        report_death(d, status);
        dom_take_sends(d);
        hv_domain_shutdown(d->hvd, SHUTDOWN_crash);
        dom_ended(d);
    } else if (d->state == DOM_DYING) {
        dom_gone(d);
    }
    daemon_unlock(dm);
}

/* --- pause --------------------------------------------------------------------*/

static void unpause_now(struct dom *d)
{
    if (d->paused) {
        d->paused = false;
        d->dm->engine->vm_unpause(d->vm);
    }
    replies_ok(&d->unpause_replies);
}

void dom_stop_vcpu(struct dom *d)
{
    begin_pause(d);
}

void dom_pause_over(struct dom *d, bool resume)
{
    if (d->state == DOM_ALIVE && (resume || d->unpause_replies))
        unpause_now(d);
}

static void on_paused(void *owner)
{
    struct dom *d = owner;
    struct daemon *dm = d->dm;

    daemon_lock(dm);
    if (d->state == DOM_ALIVE && d->pausing) {
        d->pausing = false;
        d->paused = true;
        replies_ok(&d->pause_replies);
        dump_stopped(d);
        if (d->unpause_replies && !dump_keeps_paused(d, false))
            unpause_now(d);
    }
    daemon_unlock(dm);
}

void dom_pause(struct dom *d, struct reply *r)
{
    replies_add(&d->pause_replies, r);
    (void)dump_keeps_paused(d, true); /* then it stays so afterwards */
    /* While it is being created: pauses as soon as it is there. */
    if (d->state == DOM_ALIVE)
        begin_pause(d);
}

/* An unpause that overtakes the stop it is to undo waits for it. */
void dom_unpause(struct dom *d, struct reply *r)
{
    replies_add(&d->unpause_replies, r);
    hold_release(d);
    if (d->state == DOM_SPAWNING) {
        /* It will not be paused, then; a pause asked for before is moot. */
        d->start_paused = false;
        replies_ok(&d->pause_replies);
    }
    if (!d->pausing && !dump_keeps_paused(d, false))
        unpause_now(d);
}

const struct engine_events dom_events = {
    .spawned = on_spawned,
    .doorbell = on_doorbell,
    .exited = on_exited,
    .paused = on_paused,
};
