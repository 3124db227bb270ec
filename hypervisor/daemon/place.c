/* SPDX-License-Identifier: ISC */
/* Where a domain runs, and how much it gets: cpus= and cpu_weight=. */

#include <errno.h>
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

struct worker *place_worker(struct worker *chosen, const struct ctl_config *c)
{
    const struct daemon *dm = chosen->dm;
    unsigned i;

    if (!c->have_cpus)
        return chosen;
    for (i = 0; i < dm->nr_workers; i++) {
        struct worker *w = &dm->worker[(chosen->nr + i) % dm->nr_workers];

        if (w->cpu >= 0 && w->cpu < (int)CTL_CPUS_MAX &&
            c->cpus[w->cpu / 64] >> (w->cpu % 64) & 1)
            return w;
    }
    return chosen;
}

int place_process(const struct dom *d, struct ctl_error *e)
{
    const struct ctl_config *c = &d->config;
    int rc = 0, nice, pid = d->dm->engine->vm_pid(d->vm);

    if (c->have_cpus)
        rc = process_set_cpus(pid, c->cpus, CTL_CPUS_MAX / 64);
    if (rc == -EINVAL)
        return ctl_refuse(e, CTL_INVALID,
                          "cpus=: none of these CPUs is there for us to use");
    if (rc)
        return ctl_refuse(e, CTL_LIMIT, "cpus=: %s", strerror(-rc));
    if (!c->cpu_weight)
        return 0;
    nice = nice_of(c->cpu_weight);
    rc = process_set_nice(pid, nice);
    if (rc == -EACCES || rc == -EPERM)
        return ctl_refuse(e, CTL_DENIED,
                          "cpu_weight=%u is a nice value of %d, which the "
                          "daemon's user may not give; at most %d is possible",
                          c->cpu_weight, nice, WEIGHT_DEFAULT);
    return rc ? ctl_refuse(e, CTL_LIMIT, "cpu_weight=: %s", strerror(-rc)) : 0;
}
