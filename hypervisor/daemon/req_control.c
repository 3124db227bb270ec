/* SPDX-License-Identifier: ISC */
/* Requests that a guest is told of (nodes below control/ in its part of
 * xenstore, which it watches), and looking into it. */

#include <host/fd.h>
#include <host/file.h>
#include "conn.h"

/* The value stays until the guest takes it: one that has yet to set its watch
 * finds it then. */
static void tell_guest(struct conn *c, const struct ctl_request *r,
                       const char *node, const char *value)
{
    struct dom *d = request_domain(c, r);

    if (!d || request_refused_ended(c, r, d))
        return;
    if (dom_store_control(d, node, value))
        answer_error(c, r->id, CTL_NO_MEMORY, "the daemon is out of memory");
    else
        answer_ok(c, r->id);
}

/* As libxl has it: a PV domain can always be asked, whatever feature-* nodes it
 * has set so far. */
void req_shutdown(struct conn *c, const struct ctl_request *r)
{
    tell_guest(c, r, "shutdown", ctl_shutdown_name(r->shutdown));
}

void req_sysrq(struct conn *c, const struct ctl_request *r)
{
    const char value[] = {r->key, '\0'};

    tell_guest(c, r, "sysrq", value);
}

/* What the buttons and pins of a PC do; a PV domain has none. */
void req_trigger(struct conn *c, const struct ctl_request *r)
{
    static const char *const why[CTL_NR_TRIGGERS] = {
        [CTL_TRIGGER_NMI] = "NMIs are not implemented yet",
        [CTL_TRIGGER_RESET] = "a PV domain has no reset; see xl reboot",
        [CTL_TRIGGER_INIT] = "a PV domain has no INIT",
        [CTL_TRIGGER_POWER] =
            "a PV domain has no power button; see xl shutdown",
        [CTL_TRIGGER_SLEEP] = "a PV domain has no sleep button",
        [CTL_TRIGGER_S3RESUME] = "a PV domain has no ACPI sleep states",
    };
    const struct dom *d = request_domain(c, r);

    if (!d || request_refused_ended(c, r, d))
        return;
    answer_error(c, r->id, CTL_INVALID, "trigger %s: %s",
                 ctl_trigger_name(r->trigger), why[r->trigger]);
}

/* What stands in the way of a core dump of (d), or NULL. */
static const char *dump_problem(const struct dom *d, int fd)
{
    struct file_info info;

    if (d->state != DOM_ALIVE && d->state != DOM_ENDED)
        return "it is being created or destroyed";
    if (d->dump)
        return "another core of it is being written";
    if (file_stat_fd(fd, &info) || !info.regular)
        return "a core can only be written to a regular file";
    return NULL;
}

void req_dump_core(struct conn *c, const struct ctl_request *r)
{
    struct dom *d = request_domain(c, r);
    const char *problem = "it is being restarted";
    struct reply *reply;
    int fd = r->fd;

    if (d && d->hvd && request_handed_over(c, r, d))
        return;
    if (d && d->hvd)
        problem = dump_problem(d, fd);
    reply = d && !problem ? reply_new(c, r->id) : NULL;
    if (reply) {
        dump_request(d, fd, reply);
        return;
    }
    if (d && problem)
        answer_error(c, r->id, CTL_BUSY, "domain %s cannot be dumped: %s",
                     d->name, problem);
    fd_close(&fd);
}
