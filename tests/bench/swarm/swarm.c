/* SPDX-License-Identifier: ISC */
/* Many domains: created, kept, destroyed, each step timed. */
#include "swarm.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* How long a line of a blocked guest may take to be in its log. */
#define LOG_TRIES 5000
#define LOG_NS    1000000

void swarm_name(char name[64], unsigned long nr)
{
    snprintf(name, 64, "swarm-%d-%lu", (int)getpid(), nr);
}

static int create_one(struct swarm *s, struct midge_create *request,
                      struct midge_error *err)
{
    struct guest *g = &s->guest[s->made];
    struct midge_created created;
    char name[64];
    int rc;

    swarm_name(name, s->made);
    request->name = name;
    g->alive = s->made - s->gone;
    g->create_at_ns = clock_ns();
    g->create_tsc = tsc_now();
    rc = midge_create(s->bench->m, request, &created, err);
    request->name = NULL; /* it ends here */
    if (rc < 0)
        return -1;
    g->answer_ns = clock_ns() - g->create_at_ns;
    g->domid = created.domid;
    s->made++;
    return s->paced ? wait_blocked(s->bench->m, g->domid, err) : 0;
}

static int destroy_one(struct swarm *s, struct midge_error *err)
{
    struct guest *g = &s->guest[s->gone];
    char text[16];
    int rc;

    snprintf(text, sizeof(text), "%u", g->domid);
    g->left = s->made - s->gone;
    g->destroy_at_ns = clock_ns();
    rc = midge_destroy(s->bench->m, text, err);
    g->destroy_ns = clock_ns() - g->destroy_at_ns;
    s->gone++;
    return rc;
}

/* The daemon keeps the logs of a few domains only, once they are gone. */
static int find_main(struct swarm *s, unsigned long nr, struct midge_error *err)
{
    const struct timespec rest = {.tv_nsec = LOG_NS};
    struct guest *g = &s->guest[nr];
    char name[64];

    swarm_name(name, nr);
    for (unsigned i = 0; i < LOG_TRIES; i++) {
        g->main_tsc = guest_tsc(s->bench->run_dir, name);
        if (g->main_tsc)
            return 0;
        nanosleep(&rest, NULL);
    }
    err->code = MIDGE_E_GONE;
    snprintf(err->text, sizeof(err->text),
             "%s is blocked, but no line \"tsc: N\" is in its log", name);
    return -1;
}

int swarm_create(struct swarm *s, struct midge_error *err)
{
    struct midge_create request;

    xl_load_request(&s->bench->loaded, &request);
    while (s->made < s->count) {
        if (s->made - s->gone == s->alive_max && destroy_one(s, err) < 0)
            return -1;
        if (create_one(s, &request, err) < 0)
            return -1;
    }
    for (unsigned long i = s->gone; i < s->made; i++) {
        if (wait_blocked(s->bench->m, s->guest[i].domid, err) < 0 ||
            (s->tsc && find_main(s, i, err) < 0))
            return -1;
    }
    return 0;
}

int swarm_destroy(struct swarm *s, struct midge_error *err)
{
    int rc = 0;

    while (s->gone < s->made) {
        if (destroy_one(s, err) < 0)
            rc = -1;
    }
    return rc;
}
