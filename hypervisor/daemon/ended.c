/* SPDX-License-Identifier: ISC */
/*
 * The domains that ended last: for a `wait' that comes too late, and because
 * the logs of domains do not stay for ever. When a domain falls out of the ring
 * its log goes, unless the name has been used again since.
 */

#include <stdio.h>
#include <string.h>
#include <host/service.h>
#include "daemon.h"

void ended_fill(struct ended *e, const struct dom *d)
{
    memset(e, 0, sizeof(*e));
    e->used = true;
    e->have_domid = true;
    e->domid = hv_domain_id(d->hvd);
    e->have_exit_code = d->have_exit_code;
    e->exit_code = d->exit_code;
    e->new_domid = d->new_domid;
    /* Guest memory; JSON's integers are signed. */
    e->entered_tsc = d->win.portal->t_enter_tsc & INT64_MAX;
    e->reason = d->reason;
    e->action = d->action;
    memcpy(e->name, d->name, sizeof(e->name));
}

static bool name_is_used(struct daemon *dm, const char *name)
{
    unsigned i;

    if (hv_domain_by_name(dm->hv, name) || restart_by_name(dm, name))
        return true;
    for (i = 0; i < ENDED_MAX; i++)
        if (dm->ended[i].used && !strcmp(dm->ended[i].name, name))
            return true;
    return false;
}

void ended_add(struct daemon *dm, const struct ended *e)
{
    struct ended *slot = &dm->ended[dm->ended_next++ % ENDED_MAX], old = *slot;

    *slot = *e;
    if (old.used && !name_is_used(dm, old.name))
        console_logs_remove(dm->logs, old.name);
}

struct ended *ended_find(struct daemon *dm, int64_t domid)
{
    unsigned i;

    for (i = 1; i <= ENDED_MAX; i++) {
        struct ended *e = &dm->ended[(dm->ended_next - i) % ENDED_MAX];

        if (e->used && e->have_domid && e->domid == domid)
            return e;
    }
    return NULL;
}

static void adopt(void *arg, const char *file)
{
    struct daemon *dm = arg;
    struct ended e = {.used = true, .new_domid = -1};
    size_t len = strlen(file);

    if (len < 5 || len - 4 >= sizeof(e.name) ||
        strcmp(file + len - 4, ".log") != 0)
        return;
    memcpy(e.name, file, len - 4);
    ended_add(dm, &e);
}

void ended_adopt_logs(struct daemon *dm, const char *log_dir)
{
    if (service_list_dir(log_dir, adopt, dm)) {
        /* Then old logs just stay. */
    }
}
