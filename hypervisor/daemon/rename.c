/* SPDX-License-Identifier: ISC */
/* Names that change while a domain exists: by request, and when it is set aside
 * to make room for its next incarnation. */

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <xen/errno.h>
#include <host/clock.h>
#include "conn.h"

/* Domains set aside within one second get a number. */
#define SAME_SECOND 99

void utc_stamp(char text[UTC_STAMP])
{
    time_t now = (time_t)(clock_wall_ns() / 1000000000u);
    struct tm tm;

    text[0] = '\0';
    if (gmtime_r(&now, &tm))
        (void)strftime(text, UTC_STAMP, "%Y%m%dT%H%M%SZ", &tm); /* fits */
}

int dom_rename(struct dom *d, const char *name)
{
    int rc;

    rc = restart_by_name(d->dm, name) ? -XEN_EEXIST
                                      : hv_domain_rename(d->hvd, name);
    if (rc)
        return rc;
    dom_log(d, "renamed to %s", name);
    if (console_rename(d->console, name))
        dom_log(d, "its console's log could not be renamed");
    (void)snprintf(d->name, sizeof(d->name), "%s", name); /* fits: checked */
    dom_store_renamed(d);
    return 0;
}

/* NAME-STAMP or NAME-STAMP.n, with as much of NAME as there is room for. */
static int rename_aside(struct dom *d)
{
    char name[HV_NAME_MAX], stamp[UTC_STAMP], end[UTC_STAMP + 8];
    int rc = -XEN_EEXIST, room;
    unsigned i;

    utc_stamp(stamp);
    for (i = 0; i <= SAME_SECOND && rc == -XEN_EEXIST; i++) {
        room = snprintf(end, sizeof(end), i ? "-%s.%u" : "-%s", stamp, i);
        room = (int)sizeof(name) - 1 - room;
        (void)snprintf(name, sizeof(name), "%.*s%s", room, d->name, end);
        rc = dom_rename(d, name);
    }
    return rc;
}

void dom_set_aside(struct dom *d)
{
    uint8_t uuid[16];
    struct ended e;

    memcpy(uuid, d->uuid, sizeof(uuid));
    ended_fill(&e, d);
    if (rename_aside(d)) {
        dom_log(d, "cannot be renamed: not restarted");
        d->action = ctl_action_name(CTL_PRESERVE);
        return;
    }
    create_uuid(d->uuid);
    dom_store_new_uuid(d, uuid);
    create_again(d, &e, uuid);
}
