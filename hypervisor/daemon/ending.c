/* SPDX-License-Identifier: ISC */
/* The end of a domain: why, what is said about it, what comes after. */

#include <stdint.h>
#include <string.h>
#include <xen/sched.h>
#include <daemon/crash.h>
#include <host/clock.h>
#include "conn.h"

/* A domain that crashes sooner than this after its start is not restarted. */
#define CRASH_RESTART_NS 10000000000u

static const char *const reasons[] = {
    [SHUTDOWN_poweroff] = "poweroff", [SHUTDOWN_reboot] = "reboot",
    [SHUTDOWN_suspend] = "suspend",   [SHUTDOWN_crash] = "crash",
    [SHUTDOWN_watchdog] = "watchdog", [SHUTDOWN_soft_reset] = "soft_reset",
};

static const char *reason_text(unsigned reason)
{
    return reason < ARRAY_SIZE(reasons) ? reasons[reason] : "unknown";
}

/* What the configuration wants done; xl.cfg(5)'s defaults for what it does not
 * know yet. */
static enum ctl_action choose_action(struct dom *d, unsigned reason)
{
    enum ctl_action a;

    switch (reason) {
    case SHUTDOWN_poweroff:
        a = d->on_poweroff;
        break;
    case SHUTDOWN_reboot:
        a = d->on_reboot;
        break;
    case SHUTDOWN_crash:
        a = d->on_crash;
        break;
    case SHUTDOWN_suspend:
        a = CTL_PRESERVE;
        break;
    default:
        a = CTL_DESTROY;
        break;
    }
    if (a == CTL_RESTART && d->dm->stopping)
        return CTL_DESTROY;
    if (a == CTL_RESTART && reason == SHUTDOWN_crash &&
        clock_mono_ns() - d->started_ns < CRASH_RESTART_NS) {
        dom_log(d, "crashed less than 10 s after its start: not restarted");
        return CTL_DESTROY;
    }
    return a;
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
    if (a == CTL_PRESERVE) {
        d->state = DOM_ENDED;
        dom_tell_waiters(d);
        return;
    }
    d->restart = a == CTL_RESTART;
    if (d->restart)
        restart_add(d);
    dom_kill(d, d->reason);
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
    d->state = DOM_DYING;
    hv_domain_kill(d->hvd);
    if (d->proc_gone)
        dom_gone(d);
    else if (!spawning)
        d->dm->engine->vm_kill(d->vm);
}

void dom_gone(struct dom *d)
{
    struct daemon *dm = d->dm;
    struct ended e;

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
    reply_refuse(d->create_reply, CTL_GONE,
                 "domain %s was destroyed while it was being created", d->name);
    d->create_reply = NULL;
    create_tell_heir(d, -1);
    replies_gone(&d->pause_replies, d->name);
    replies_gone(&d->unpause_replies, d->name);
    /* Last of all what says that nothing is left. */
    restart_remove(d);
    if (d->restart && !dm->stopping)
        create_again(d, &e);
    replies_ended(&d->wait_replies, &e);
    replies_ok(&d->destroy_replies);
    dom_free(d);
}
