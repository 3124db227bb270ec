/* SPDX-License-Identifier: ISC */
/*
 * Core dumps: by request (dump-core), and of domains that end with coredump-*.
 *
 *   dump_request()         dump_stopped()              dumped()
 *   --------------> WAITS ----------------> WRITTEN ------------> (freed)
 *        (vCPU stands still already) ---------^
 *        dump_ended(): a parked vCPU ---------'
 *
 * WAITS: for the vCPU to stop; dump_cancel() when the domain ends before. WRITTEN:
 * a helper thread has it; the domain may go meanwhile, its memory is kept by a
 * descriptor. Invariant: d->dump->d == d; a dump whose domain is gone has d NULL.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <host/fd.h>
#include "conn.h"
#include "core_file.h"
#include "rundir.h"

struct dump {
    struct helper_job job;
    struct daemon *dm;
    struct dom *d;
    bool started; /* WRITTEN                                              */
    bool resume;  /* was running, shall run on                            */

    /* For the helper thread, until (done). */
    struct core_file core;
    char name[HV_NAME_MAX], args[CTL_CMDLINE_MAX], program[16];
    int fd;              /* to write to; -1: into the folder               */
    char path[PATH_MAX]; /* the folder, then the file in it                */
    int rc;

    struct reply *reply; /* NULL with -1 in fd                              */
};

static struct dump *dump_new(struct dom *d)
{
    struct dump *u = calloc(1, sizeof(*u));

    if (!u)
        return NULL;
    u->dm = d->dm;
    u->d = d;
    u->fd = -1;
    d->dump = u;
    d->dm->nr_dumps++;
    return u;
}

static void dump_free(struct dump *u)
{
    struct daemon *dm = u->dm;

    if (u->d)
        u->d->dump = NULL;
    dm->engine->memory_close(u->core.mem);
    fd_close(&u->fd);
    free(u);
    dm->nr_dumps--;
    stop_check(dm);
}

/* Which signal a Linux program would have died of. */
static int signal_of(const struct portal_crash *c)
{
    switch (c->kind) {
    case PORTAL_CRASH_HOST:
        return SIGKILL;
    case PORTAL_CRASH_TRAP:
        return c->vector == 0 || c->vector == 16 || c->vector == 19 ? SIGFPE
               : c->vector == 6                                     ? SIGILL
               : c->vector == 1 || c->vector == 3                   ? SIGTRAP
                                                                    : SIGSEGV;
    default:
        return SIGSEGV;
    }
}

static void fill_meta(struct dump *u)
{
    struct dom *d = u->d;
    struct core_meta *m = &u->core.meta;
    const char *slash;

    (void)snprintf(u->name, sizeof(u->name), "%s", d->name);
    (void)snprintf(u->args, sizeof(u->args), "%s", d->cmdline);
    slash = strrchr(d->kernel, '/');
    (void)snprintf(u->program, sizeof(u->program), "%.15s",
                   slash ? slash + 1 : d->kernel);
    m->program = u->program;
    m->name = u->name;
    m->args = u->args;
    m->domid = hv_domain_id(d->hvd);
    if (d->crash) {
        m->regs = d->crash->regs;
        m->signal = signal_of(d->crash);
        return;
    }
    d->dm->engine->vm_regs(d->vm, &m->regs);
    if (d->ended && strcmp(d->reason, "crash") == 0)
        m->signal = SIGABRT;
}

static void write_it(struct helper_job *j)
{
    struct dump *u = CONTAINER_OF(j, struct dump, job);
    char folder[PATH_MAX];

    if (u->fd >= 0) {
        /* What was there goes; nor is anything left of a failure. Nobody
         * else may read it, whoever could before. */
        u->rc = fd_set_private(u->fd);
        if (!u->rc)
            u->rc = fd_set_size(u->fd, 0);
        if (!u->rc)
            u->rc = core_file_write(&u->core, u->fd);
        if (u->rc)
            (void)!fd_set_size(u->fd, 0);
        return;
    }
    memcpy(folder, u->path, sizeof(folder));
    u->rc = core_file_save(&u->core, folder, u->name, u->path);
}

static void answer(struct dump *u)
{
    json_t *obj;

    if (u->rc) {
        reply_refuse(u->reply, u->rc == -ENOMEM ? CTL_NO_MEMORY : CTL_LIMIT,
                     "the core of %s cannot be written: %s", u->name,
                     strerror(-u->rc));
        return;
    }
    obj = u->reply ? ctl_answer_ok(u->reply->id) : NULL;
    json_object_set_new(obj, "bytes", json_integer((json_int_t)u->core.bytes));
    json_object_set_new(obj, "complete", json_boolean(!u->core.cut));
    reply_send(u->reply, obj);
}

static void log_it(const struct dump *u)
{
    const char *more = u->core.cut ? " (incomplete: page tables that cannot be "
                                     "followed, or too many)"
                                   : "";

    if (u->rc)
        log_line(u->dm, "%s: no core dump: %s", u->name, strerror(-u->rc));
    else if (u->path[0])
        log_line(u->dm, "%s: core dump in %s%s", u->name, u->path, more);
}

static void dumped(struct helper_job *j)
{
    struct dump *u = CONTAINER_OF(j, struct dump, job);
    struct daemon *dm = u->dm;
    bool resume = u->resume;
    struct dom *d;

    daemon_lock(dm);
    d = u->d;
    log_it(u);
    answer(u);
    dump_free(u);
    if (d && d->state == DOM_ENDED)
        dom_dumped(d);
    else if (d)
        dom_pause_over(d, resume);
    daemon_unlock(dm);
}

/* The vCPU stands still: on to the helper thread. 0 or -errno. */
static int start(struct dump *u)
{
    struct dom *d = u->d;
    int rc = d->proc_gone ? -ESRCH : 0;

    if (!rc)
        rc = d->dm->engine->vm_memory(d->vm, &u->core.mem);
    if (rc)
        return rc;
    u->started = true;
    u->core.engine = d->dm->engine;
    fill_meta(u);
    u->job.work = write_it;
    u->job.done = dumped;
    u->job.loop = d->w->loop;
    helper_run(d->dm->dumper, &u->job);
    return 0;
}

static const char *why(int rc)
{
    return rc == -ESRCH ? "its process is gone, and its registers with it"
                        : strerror(-rc);
}

void dump_request(struct dom *d, int fd, struct reply *r)
{
    struct dump *u = dump_new(d);
    int rc = u ? 0 : -ENOMEM;

    if (u)
        u->fd = fd;
    else
        fd_close(&fd);
    if (u && (d->state == DOM_ENDED || d->paused)) {
        rc = start(u);
        if (rc)
            dump_free(u);
    }
    if (rc) {
        reply_refuse(r, rc == -ENOMEM ? CTL_NO_MEMORY : CTL_GONE,
                     "domain %s cannot be dumped: %s", d->name, why(rc));
        return;
    }
    u->reply = r;
    if (!u->started) {
        u->resume = true;
        dom_stop_vcpu(d);
    }
}

void dump_stopped(struct dom *d)
{
    struct dump *u = d->dump;
    int rc;

    if (!u || u->started)
        return;
    rc = start(u);
    if (!rc)
        return;
    reply_refuse(u->reply, CTL_GONE, "domain %s cannot be dumped: %s", d->name,
                 why(rc));
    dump_free(u);
    dom_pause_over(d, true);
}

bool dump_keeps_paused(struct dom *d, bool for_good)
{
    if (d->dump && for_good)
        d->dump->resume = false;
    return d->dump != NULL;
}

bool dump_ended(struct dom *d)
{
    struct dump *u = dump_new(d);
    int rc = u ? 0 : -ENOMEM;

    if (u)
        rc = rundir_path(d->dm->run_dir, "dump", u->path);
    if (!rc)
        rc = start(u);
    if (rc) {
        dom_log(d, "no core dump: %s", why(rc));
        if (u)
            dump_free(u);
    }
    return !rc;
}

void dump_cancel(struct dom *d)
{
    struct dump *u = d->dump;

    if (!u)
        return;
    if (u->started) {
        u->d = NULL;
        d->dump = NULL;
        return;
    }
    reply_refuse(u->reply, CTL_GONE, "domain %s has ended meanwhile", d->name);
    dump_free(u);
}
