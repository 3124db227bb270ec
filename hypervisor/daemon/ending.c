/* SPDX-License-Identifier: ISC */
/* The end of a domain: why, what is said about it, what comes after. */

#include <stdint.h>
#include <string.h>
#include <xen/sched.h>
#include <daemon/crash.h>
#include <host/clock.h>
#include <hv/grant.h>
#include "conn.h"

/* A domain that crashes sooner than this after its start is not restarted. */
#define MIN_LIFE_NS 10000000000u

static const char *const reasons[] = {
    [SHUTDOWN_poweroff] = "poweroff", [SHUTDOWN_reboot] = "reboot",
    [SHUTDOWN_suspend] = "suspend",   [SHUTDOWN_crash] = "crash",
    [SHUTDOWN_watchdog] = "watchdog", [SHUTDOWN_soft_reset] = "soft_reset",
};

static const char *reason_text(unsigned reason)
{
    return reason < ARRAY_SIZE(reasons) ? reasons[reason] : "unknown";
}

/* What the configuration wants done. */
static enum ctl_action wanted_action(const struct dom *d, unsigned reason)
{
    switch (reason) {
    case SHUTDOWN_poweroff:
        return d->config.on_poweroff;
    case SHUTDOWN_reboot:
        return d->config.on_reboot;
    case SHUTDOWN_crash:
        return d->config.on_crash;
    case SHUTDOWN_watchdog:
        return d->config.on_watchdog;
    case SHUTDOWN_soft_reset:
        return d->config.on_soft_reset;
    case SHUTDOWN_suspend:
        return CTL_PRESERVE;
    default:
        return CTL_DESTROY;
    }
}

/* Whether it has lived long enough to be given another life. */
static bool may_restart(struct dom *d, unsigned reason)
{
    bool failed = reason == SHUTDOWN_crash || reason == SHUTDOWN_watchdog;

    if (!failed)
        return true; /* restart_go() slows it down if need be */
    if (clock_mono_ns() - d->started_ns >= MIN_LIFE_NS)
        return true;
    dom_log(d, "%s less than 10 s after its start: not restarted",
            reason == SHUTDOWN_crash ? "crashed" : "its watchdog fired");
    return false;
}

static enum ctl_action choose_action(struct dom *d, unsigned reason)
{
    enum ctl_action a = wanted_action(d, reason);

    if (d->dm->stopping && a != CTL_PRESERVE)
        return CTL_DESTROY;
    switch (a) {
    case CTL_RESTART:
        return may_restart(d, reason) ? a : CTL_DESTROY;
    case CTL_COREDUMP_RESTART:
        return may_restart(d, reason) ? a : CTL_COREDUMP_DESTROY;
    case CTL_RENAME_RESTART:
        return may_restart(d, reason) ? a : CTL_PRESERVE;
    default:
        return a;
    }
}

/* A report with registers, if there are any to be had. */
static void report_crash(struct dom *d)
{
    struct portal_crash c = {.kind = CRASH_KIND_SHUTDOWN};

    if (d->crash) {
        crash_log(d, d->crash);
    } else if (!d->proc_gone) {
        /* One copy of what the guest may go on writing. */
        volatile const struct portal_regs *regs = &d->win.portal->call_regs;

        c.regs = *regs;
        crash_log(d, &c);
    }
}

void dom_tell_waiters(struct dom *d)
{
    struct ended e;

    ended_fill(&e, d);
    replies_ended(&d->wait_replies, &e);
}

/* Its process stays for now. */
static void park(struct dom *d)
{
    if (!d->proc_gone)
        d->dm->engine->vm_park(d->vm);
}

/* What follows the end of (d), once there is nothing more to be learnt. */
static void act(struct dom *d, enum ctl_action a)
{
    if (a == CTL_RENAME_RESTART)
        dom_set_aside(d);
    if (a == CTL_PRESERVE || a == CTL_RENAME_RESTART) {
        d->state = DOM_ENDED;
        park(d);
        dom_tell_waiters(d);
        return;
    }
    d->restart = a == CTL_RESTART || a == CTL_COREDUMP_RESTART;
    if (d->restart)
        restart_add(d);
    dom_kill(d, d->reason);
}

void dom_ended(struct dom *d)
{
    unsigned reason = hv_domain_shutdown_reason(d->hvd);
    enum ctl_action a;

    d->ended = true;
    d->shutdown_noted = false;
    d->reason = reason_text(reason);
    console_drain(d->console);
    dom_store_ended(d);
    d->have_exit_code = reason == SHUTDOWN_poweroff &&
                        (dom_store_exit_code(d, &d->exit_code) ||
                         console_exit_code(d->console, &d->exit_code));
    if (reason == SHUTDOWN_crash)
        report_crash(d);
    a = choose_action(d, reason);
    d->action = ctl_action_name(a);
    if (d->have_exit_code)
        dom_log(d, "%s, exit code %d: %s", d->reason, d->exit_code, d->action);
    else
        dom_log(d, "%s: %s", d->reason, d->action);
    replies_gone(&d->pause_replies, d->name);
    replies_gone(&d->unpause_replies, d->name);
    dump_cancel(d);
    if (a == CTL_COREDUMP_DESTROY || a == CTL_COREDUMP_RESTART) {
        park(d);
        d->act_later = dump_ended(d);
    }
    if (d->act_later) {
        d->state = DOM_ENDED;
        d->end_action = a;
        return;
    }
    act(d, a);
}

void dom_dumped(struct dom *d)
{
    if (!d->act_later)
        return;
    d->act_later = false;
    act(d, d->end_action);
}

void dom_kill(struct dom *d, const char *reason)
{
    bool spawning = d->state == DOM_SPAWNING;

    if (d->state == DOM_DYING)
        return;
    if (!d->ended) {
        d->reason = reason;
        d->action = ctl_action_name(CTL_DESTROY);
        dom_log(d, "%s", reason);
    }
    /* Destroyed while its core was being written: there is no restart. */
    if (d->act_later)
        d->action = ctl_action_name(CTL_COREDUMP_DESTROY);
    d->act_later = false;
    dump_cancel(d);
    dom_take_sends(d);
    d->state = DOM_DYING;
    hv_domain_kill(d->hvd);
    if (d->proc_gone)
        dom_gone(d);
    else if (!spawning)
        d->dm->engine->vm_kill(d->vm);
}

static void run_gone(struct loop_work *w)
{
    struct dom *d = CONTAINER_OF(w, struct dom, gone);
    struct daemon *dm = d->dm;

    daemon_lock(dm);
    dom_gone(d);
    daemon_unlock(dm);
}

void dom_gone(struct dom *d)
{
    struct daemon *dm = d->dm;
    struct ended e;

    d->gone_waits = hv_domain_is_mapped(d->hvd);
    d->gone.run = run_gone;
    if (d->gone_waits)
        return; /* its memory is in use: run_gone() */
    ended_fill(&e, d);
    ended_add(dm, &e);
    /* The console reads its ring a last time, which lies in the vm. */
    console_destroy(d->console);
    dom_store_remove(d);
    hv_domain_destroy(d->hvd);
    dm->engine->vm_destroy(d->vm);
    d->console = NULL;
    d->hvd = NULL;
    d->vm = NULL;
    if (d->refusal)
        reply_error(d->create_reply, d->refusal);
    else
        reply_refuse(d->create_reply, CTL_GONE,
                     "domain %s was destroyed while it was being created",
                     d->name);
    d->create_reply = NULL;
    create_tell_heir(d, -1);
    replies_gone(&d->pause_replies, d->name);
    replies_gone(&d->unpause_replies, d->name);
    /* Last of all what says that nothing is left. */
    restart_remove(d);
    if (d->restart && !dm->stopping)
        create_again(d, &e, d->uuid);
    replies_ended(&d->wait_replies, &e);
    replies_ok(&d->destroy_replies);
    dom_free(d);
}
