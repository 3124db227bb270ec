/* SPDX-License-Identifier: ISC */
/* The columns of xl list. */
#include <xl/format.h>

#include <string.h>

/* Reasons in the order of SHUTDOWN_* (xen/sched.h), with the letter that xl
 * shows in the fifth place of the state. */
static const struct {
    const char *name;
    char letter;
} reasons[] = {
    {"poweroff", '-'}, {"reboot", 'r'},   {"suspend", 's'},
    {"crash", 'c'},    {"watchdog", 'w'}, {"soft_reset", 'S'},
};

int format_reason_number(const char *reason)
{
    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
        if (strcmp(reason, reasons[i].name) == 0)
            return (int)i;
    }
    return -1;
}

void format_list_header(FILE *stream, bool verbose)
{
    fputs("Name                                        ID   Mem VCPUs\tState"
          "\tTime(s)",
          stream);
    if (verbose)
        fputs("   UUID                            Reason-Code\tSecurity Label",
              stream);
    fputc('\n', stream);
}

void format_list_row(FILE *stream, const struct midge_domain *d, bool verbose)
{
    char state[] = "------";
    int reason = format_reason_number(d->shutdown_reason);

    memcpy(state, d->state, strnlen(d->state, sizeof(state) - 1));
    if (d->shutdown_reason[0]) {
        state[3] = 's';
        state[4] = reason < 0 ? '?' : reasons[reason].letter;
    }
    fprintf(stream, "%-40s %5u %5lu %5u     %s  %8.1f", d->name, d->domid,
            (unsigned long)(d->memory_kb / 1024), d->vcpus, state,
            (double)d->cpu_ns / 1e9);
    if (verbose) {
        fprintf(stream, " %s", d->uuid);
        if (reason >= 0)
            fprintf(stream, " %8x", (unsigned)reason);
        else
            fprintf(stream, " %8s", "-");
        fprintf(stream, " %16s", "-"); /* there are no security labels */
    }
    fputc('\n', stream);
}
