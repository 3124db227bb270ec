/* SPDX-License-Identifier: ISC */
/* One creation, measured. */
#include "measure.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const step_names[NR_STEPS] = {
    [STEP_READ] = "read",         [STEP_PARSED] = "parsed",
    [STEP_TEMPLATE] = "template", [STEP_MEMORY] = "memory",
    [STEP_DOMAIN] = "domain",     [STEP_SENT] = "sent",
    [STEP_FORKED] = "forked",     [STEP_GATE] = "gate",
    [STEP_ENTERED] = "entered",   [STEP_MAIN] = "main",
    [STEP_ANSWER] = "answer",     [STEP_GONE] = "gone",
    [STEP_SHUTDOWN] = "shutdown", [STEP_DESTROY] = "destroy",
};

static void log_path(char path[PATH_MAX], const char *run_dir, const char *name)
{
    snprintf(path, PATH_MAX, "%s/console/%s.log", run_dir, name);
}

void remove_log(const char *run_dir, const char *name)
{
    char path[PATH_MAX];

    log_path(path, run_dir, name);
    (void)unlink(path); /* there need not be one */
}

/* The N of the last line "tsc: N" of the console's log; 0 when there is none. */
static uint64_t guest_tsc(const char *run_dir, const char *name)
{
    char path[PATH_MAX], line[512];
    uint64_t tsc = 0;
    FILE *f;

    log_path(path, run_dir, name);
    f = fopen(path, "re");
    if (!f)
        return 0;
    while (fgets(line, sizeof(line), f)) {
        if (strncmp(line, "tsc: ", 5) == 0)
            tsc = strtoull(line + 5, NULL, 10);
    }
    (void)fclose(f); /* was only read */
    return tsc;
}

/* A moment by the time stamp counter, 0 = not known. */
static void set_tsc(struct sample *s, enum step step, uint64_t sent,
                    uint64_t tsc, const struct tsc_rate *rate)
{
    s->ns[step] = tsc ? tsc_ns_between(sent, tsc, rate) : -1;
}

static void set_marks(struct sample *s, uint64_t sent,
                      const struct midge_created *c,
                      const struct tsc_rate *rate)
{
    const struct midge_marks *m = &c->marks;

    set_tsc(s, STEP_READ, sent, c->tsc, rate);
    set_tsc(s, STEP_PARSED, sent, m->parsed, rate);
    set_tsc(s, STEP_TEMPLATE, sent, m->found, rate);
    set_tsc(s, STEP_MEMORY, sent, m->memory, rate);
    set_tsc(s, STEP_DOMAIN, sent, m->domain, rate);
    set_tsc(s, STEP_SENT, sent, m->sent, rate);
    set_tsc(s, STEP_FORKED, sent, m->forked, rate);
    set_tsc(s, STEP_GATE, sent, m->gate, rate);
}

/* Creates; fills everything up to the answer. Returns the counter before. */
static int create(struct midge *m, const struct midge_create *p,
                  const struct tsc_rate *rate, struct sample *s, uint64_t *sent,
                  struct midge_created *c, struct midge_error *err)
{
    for (unsigned i = 0; i < NR_STEPS; i++)
        s->ns[i] = -1;
    *sent = tsc_now();
    if (midge_create(m, p, c, err) < 0)
        return -1;
    set_tsc(s, STEP_ANSWER, *sent, tsc_now(), rate);
    set_marks(s, *sent, c, rate);
    return 0;
}

int measure(struct midge *m, const struct midge_create *p, const char *run_dir,
            const struct tsc_rate *rate, struct sample *out,
            struct midge_error *err)
{
    struct midge_created created;
    struct midge_end end;
    uint64_t sent;
    char domid[16];

    if (create(m, p, rate, out, &sent, &created, err) < 0)
        return -1;
    snprintf(domid, sizeof(domid), "%u", created.domid);
    if (midge_wait(m, domid, &end, err) < 0)
        return -1;
    set_tsc(out, STEP_GONE, sent, tsc_now(), rate);
    set_tsc(out, STEP_ENTERED, sent, end.entered_tsc, rate);
    set_tsc(out, STEP_MAIN, sent, guest_tsc(run_dir, p->name), rate);
    remove_log(run_dir, p->name);
    if (strcmp(end.reason, "poweroff") == 0 && end.have_exit_code &&
        end.exit_code == 0)
        return 0;
    err->code = MIDGE_E_GONE;
    snprintf(err->text, sizeof(err->text), "%s ended by %s, exit code %d",
             p->name, end.reason, end.have_exit_code ? end.exit_code : -1);
    return -1;
}

int wait_blocked(struct midge *m, unsigned domid, struct midge_error *err)
{
    char text[16];

    snprintf(text, sizeof(text), "%u", domid);
    for (;;) {
        struct midge_domain_list list;
        bool blocked;

        if (midge_list(m, text, &list, err) < 0)
            return -1;
        blocked = list.nr == 1 && strchr(list.domain[0].state, 'b');
        midge_domain_list_free(&list);
        if (blocked)
            return 0;
        /* It may share our CPU. */
        (void)sched_yield(); /* cannot fail on Linux */
    }
}

int measure_destroy(struct midge *m, const struct midge_create *p,
                    const char *run_dir, const struct tsc_rate *rate,
                    struct sample *out, struct midge_error *err)
{
    struct midge_created created;
    uint64_t sent;
    char domid[16];
    int rc;

    if (create(m, p, rate, out, &sent, &created, err) < 0)
        return -1;
    snprintf(domid, sizeof(domid), "%u", created.domid);
    if (wait_blocked(m, created.domid, err) < 0)
        return -1;
    sent = tsc_now();
    rc = midge_destroy(m, domid, err);
    set_tsc(out, STEP_DESTROY, sent, tsc_now(), rate);
    remove_log(run_dir, p->name);
    return rc;
}

/* Request, the guest's poweroff, and its end. */
static int shut_down(struct midge *m, const char *domid, struct midge_end *end,
                     struct midge_error *err)
{
    int64_t id;

    if (midge_wait_start(m, domid, &id, err) < 0 ||
        midge_shutdown(m, domid, "poweroff", err) < 0)
        return -1;
    return midge_wait_finish(m, id, end, err);
}

int measure_shutdown(struct midge *m, const struct midge_create *p,
                     const char *run_dir, const struct tsc_rate *rate,
                     struct sample *out, struct midge_error *err)
{
    struct midge_created created;
    struct midge_end end;
    uint64_t sent;
    char domid[16];
    int rc;

    if (create(m, p, rate, out, &sent, &created, err) < 0)
        return -1;
    snprintf(domid, sizeof(domid), "%u", created.domid);
    if (wait_blocked(m, created.domid, err) < 0)
        return -1;
    sent = tsc_now();
    rc = shut_down(m, domid, &end, err);
    set_tsc(out, STEP_SHUTDOWN, sent, tsc_now(), rate);
    remove_log(run_dir, p->name);
    if (rc == 0 && strcmp(end.reason, "poweroff") != 0) {
        err->code = MIDGE_E_GONE;
        snprintf(err->text, sizeof(err->text), "%s ended by %s", p->name,
                 end.reason);
        rc = -1;
    }
    return rc;
}
