/* SPDX-License-Identifier: ISC */
/* Where a domain runs, and how much it gets: cpus= and cpu_weight=. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <host/process.h>
#include "conn.h"

#define WEIGHT_DEFAULT 256 /* xl.cfg(5)                                    */
#define NICE_MIN       (-20)
#define NICE_MAX       19
/* Linux gives a process 1.25 times as much for each step of nice. */
#define STEP      1.25
#define HALF_STEP 1.118 /* its square root: where rounding turns          */

static int nice_of(unsigned weight)
{
    double ratio = (double)WEIGHT_DEFAULT / weight;
    int nice = 0;

    for (; ratio > HALF_STEP && nice < NICE_MAX; nice++)
        ratio /= STEP;
    for (; ratio < 1 / HALF_STEP && nice > NICE_MIN; nice--)
        ratio *= STEP;
    return nice;
}

static bool has_cpu(const uint64_t *cpus, unsigned cpu)
{
    return cpus[cpu / 64] >> (cpu % 64) & 1;
}

struct worker *place_worker(struct worker *chosen, const struct ctl_config *c)
{
    const struct daemon *dm = chosen->dm;
    unsigned i;

    if (!c->have_cpus)
        return chosen;
    for (i = 0; i < dm->nr_workers; i++) {
        struct worker *w = &dm->worker[(chosen->nr + i) % dm->nr_workers];

        if (w->cpu >= 0 && w->cpu < (int)CTL_CPUS_MAX &&
            has_cpu(c->cpus, (unsigned)w->cpu))
            return w;
    }
    return chosen;
}

/* "0-3,7", cut short with "..." when it is long. */
static void cpus_text(const uint64_t *cpus, char *text, size_t size)
{
    size_t at = 0;
    unsigned i, end;

    text[0] = '\0';
    for (i = 0; i < CTL_CPUS_MAX; i = end) {
        end = i + 1;
        if (!has_cpu(cpus, i))
            continue;
        while (end < CTL_CPUS_MAX && has_cpu(cpus, end))
            end++;
        if (size - at < sizeof(",1023-1023,...")) {
            (void)snprintf(text + at, size - at, ",...");
            return;
        }
        at += (size_t)snprintf(text + at, size - at, at ? ",%u" : "%u", i);
        if (end > i + 1)
            at += (size_t)snprintf(text + at, size - at, "-%u", end - 1);
    }
}

static int refuse_cpus(const struct ctl_config *c, const uint64_t *usable,
                       struct ctl_error *e)
{
    char wanted[64], there[64];

    cpus_text(c->cpus, wanted, sizeof(wanted));
    cpus_text(usable, there, sizeof(there));
    return ctl_refuse(e, CTL_INVALID,
                      "cpus=\"%s\": none of these CPUs is there; a domain can "
                      "have %s",
                      wanted, there);
}

static int refuse_nice(const struct ctl_config *c, int rc, struct ctl_error *e)
{
    if (rc == -EACCES || rc == -EPERM)
        return ctl_refuse(e, CTL_DENIED,
                          "cpu_weight=%u is a nice value of %d, which the "
                          "daemon's user may not give; at most %d is possible",
                          c->cpu_weight, nice_of(c->cpu_weight),
                          WEIGHT_DEFAULT);
    return rc ? ctl_refuse(e, CTL_LIMIT, "cpu_weight=: %s", strerror(-rc)) : 0;
}

int place_check(const struct ctl_config *c, struct ctl_error *e)
{
    uint64_t usable[CTL_CPUS_MAX / 64];
    bool found = !c->have_cpus;
    unsigned i;
    int rc = 0;

    if (c->have_cpus)
        rc = process_usable_cpus(usable, CTL_CPUS_MAX / 64);
    if (rc)
        return ctl_refuse(e, CTL_LIMIT, "cpus=: %s", strerror(-rc));
    for (i = 0; i < CTL_CPUS_MAX / 64 && !found; i++)
        found = c->cpus[i] & usable[i];
    if (!found)
        return refuse_cpus(c, usable, e);
    if (!c->cpu_weight)
        return 0;
    return refuse_nice(c, process_try_nice(nice_of(c->cpu_weight)), e);
}

int place_process(const struct dom *d, struct ctl_error *e)
{
    const struct ctl_config *c = &d->config;
    uint64_t usable[CTL_CPUS_MAX / 64];
    int rc = 0, pid = d->dm->engine->vm_pid(d->vm);

    if (c->have_cpus)
        rc = process_set_cpus(pid, c->cpus, CTL_CPUS_MAX / 64);
    if (rc == -EINVAL && !process_usable_cpus(usable, CTL_CPUS_MAX / 64))
        return refuse_cpus(c, usable, e);
    if (rc)
        return ctl_refuse(e, CTL_LIMIT, "cpus=: %s", strerror(-rc));
    if (!c->cpu_weight)
        return 0;
    return refuse_nice(c, process_set_nice(pid, nice_of(c->cpu_weight)), e);
}
