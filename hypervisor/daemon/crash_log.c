/* SPDX-License-Identifier: ISC */
/* Crash reports: to the message ring, the log, and the domain's console. */

#include <stdio.h>
#include <string.h>
#include <daemon/crash.h>
#include <daemon/plain.h>
#include "templates.h"

static size_t read_guest(void *arg, uint64_t va, void *buf, size_t len)
{
    const struct dom *d = arg;

    if (d->proc_gone)
        return 0;
    return d->dm->engine->vm_read(d->vm, va, buf, len);
}

static void report_line(void *arg, const char *text)
{
    struct dom *d = arg;
    char plain[280], line[320];
    int n;

    /* Symbols have the names that the image gives them. */
    plain_text(plain, sizeof(plain), text);
    dom_log(d, "%s", plain);
    n = snprintf(line, sizeof(line), "(midge) %s\n", plain);
    if (n > 0 && (size_t)n < sizeof(line))
        console_text(d->console, line, (size_t)n);
}

void crash_log(struct dom *d, const struct portal_crash *c)
{
    const struct crash_source src = {
        .image = d->dm->engine->template_image(template_of(d)),
        .read = read_guest,
        .line = report_line,
        .arg = d,
    };

    crash_report(&src, c);
}
