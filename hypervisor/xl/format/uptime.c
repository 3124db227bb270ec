/* SPDX-License-Identifier: ISC */
/* The lines of xl uptime and xl vm-list. */
#include <xl/format.h>

#include <inttypes.h>

#define NS_PER_S 1000000000u

static void print_days(FILE *stream, uint64_t days)
{
    if (days)
        fprintf(stream, "%" PRIu64 " day%s, ", days, days == 1 ? "" : "s");
}

void format_uptime_header(FILE *stream)
{
    fprintf(stream, "%-33s %4s %s\n", "Name", "ID", "Uptime");
}

void format_uptime_row(FILE *stream, const struct midge_domain *d, bool brief,
                       time_t now)
{
    uint64_t s = d->uptime_ns / NS_PER_S;
    unsigned hours = (unsigned)(s / 3600 % 24),
             minutes = (unsigned)(s / 60 % 60);
    char clock[16] = "";
    struct tm tm;

    if (!brief) {
        fprintf(stream, "%-33s %4u ", d->name, d->domid);
        print_days(stream, s / 86400);
        fprintf(stream, "%2u:%02u:%02u\n", hours, minutes, (unsigned)(s % 60));
        return;
    }
    if (localtime_r(&now, &tm))
        (void)strftime(clock, sizeof(clock), "%H:%M:%S", &tm); /* fits */
    fprintf(stream, " %s up ", clock);
    print_days(stream, s / 86400);
    fprintf(stream, "%2u:%02u, %s (%u)\n", hours, minutes, d->name, d->domid);
}

void format_vm_list_header(FILE *stream)
{
    fputs("UUID                                  ID    name\n", stream);
}

void format_vm_list_row(FILE *stream, const struct midge_domain *d)
{
    fprintf(stream, "%s  %u    %-30s\n", d->uuid, d->domid, d->name);
}
