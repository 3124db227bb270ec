/* SPDX-License-Identifier: ISC */
/* One creation, measured. */
#include "measure.h"

#include <stdio.h>
#include <string.h>
#include <bench/client.h>

const char *const step_names[NR_STEPS] = {
    [STEP_READ] = "read",         [STEP_PARSED] = "parsed",
    [STEP_TEMPLATE] = "template", [STEP_MEMORY] = "memory",
    [STEP_DOMAIN] = "domain",     [STEP_SENT] = "sent",
    [STEP_FORKED] = "forked",     [STEP_GATE] = "gate",
    [STEP_ENTERED] = "entered",   [STEP_MAIN] = "main",
    [STEP_ANSWER] = "answer",     [STEP_GONE] = "gone",
    [STEP_SHUTDOWN] = "shutdown", [STEP_DESTROY] = "destroy",
};

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
