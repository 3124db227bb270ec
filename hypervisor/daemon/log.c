/* SPDX-License-Identifier: ISC */
/* The daemon's messages: into the ring behind `xl dmesg' and into the log. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <host/clock.h>
#include <host/fd.h>
#include <host/file.h>
#include <daemon/plain.h>
#include "daemon.h"

/* The log file has wall clock times, so that it can be laid beside others. */
static void to_file(struct daemon *dm, const char *text)
{
    char line[DMESG_LINE_MAX + 64], stamp[32];
    uint64_t ns = clock_wall_ns();
    time_t seconds = (time_t)(ns / 1000000000u);
    struct tm tm;
    int n;

    gmtime_r(&seconds, &tm);
    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
    n = snprintf(line, sizeof(line), "%s.%06uZ %s\n", stamp,
                 (unsigned)(ns / 1000 % 1000000), text);
    if (n < 0)
        return;
    if ((size_t)n >= sizeof(line)) {
        n = sizeof(line) - 1;
        line[n - 1] = '\n';
    }
    if (dm->log)
        logfile_write(dm->log, line, (size_t)n);
    if (dm->options->foreground && fd_write_all(2, line, (size_t)n)) {
        /* Nobody reads our standard error: the file has it. */
    }
}

static __attribute__((format(printf, 3, 0))) void
log_text(struct daemon *dm, const char *prefix, const char *format, va_list ap)
{
    char raw[DMESG_LINE_MAX], text[DMESG_LINE_MAX];
    size_t len;

    len = (size_t)snprintf(raw, sizeof(raw), "%s", prefix);
    if (len < sizeof(raw))
        vsnprintf(raw + len, sizeof(raw) - len, format, ap);
    plain_text(text, sizeof(text), raw);
    dmesg_add(dm->dmesg, clock_mono_ns() - dm->start_ns, text);
    to_file(dm, text);
}

void log_line(struct daemon *dm, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    log_text(dm, "", format, ap);
    va_end(ap);
}

void dom_log(struct dom *d, const char *format, ...)
{
    char prefix[HV_NAME_MAX + 16];
    va_list ap;

    if (d->hvd)
        snprintf(prefix, sizeof(prefix), "d%u %s: ", hv_domain_id(d->hvd),
                 d->name);
    else
        snprintf(prefix, sizeof(prefix), "%s: ", d->name);
    va_start(ap, format);
    log_text(d->dm, prefix, format, ap);
    va_end(ap);
}
