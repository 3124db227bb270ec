/* SPDX-License-Identifier: ISC */
/* Ends with the reason that its argument names; a core dump of it has functions
 * and variables to be found. */

#include <stdint.h>
#include <base/compiler.h>
#include <base/string.h>
#include <minios/app.h>
#include <minios/shutdown.h>
#include <minios/stdio.h>
#include <xen/sched.h>

const char app_name[] = "ends";

static const struct {
    const char *name;
    unsigned reason;
} reasons[] = {
    {"poweroff", SHUTDOWN_poweroff}, {"reboot", SHUTDOWN_reboot},
    {"suspend", SHUTDOWN_suspend},   {"crash", SHUTDOWN_crash},
    {"watchdog", SHUTDOWN_watchdog}, {"soft_reset", SHUTDOWN_soft_reset},
};

/* For the debugger: in initialised data, and on a page of its own. */
struct landmark {
    const char *text;
    unsigned numbers[4];
} landmark = {"here we are", {2, 3, 5, 7}};
static char far_away[1 << 20];

static __attribute__((noinline)) void end_inner(unsigned reason)
{
    landmark.numbers[3] = 11;
    far_away[sizeof(far_away) / 2] = 'x';
    domain_shutdown(reason);
}

static __attribute__((noinline)) void end_outer(unsigned reason)
{
    end_inner(reason);
    printf("%s\n", landmark.text); /* keeps the frame */
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(reasons); i++)
        if (strcmp(argv[1], reasons[i].name) == 0)
            end_outer(reasons[i].reason);
    printf("usage: ends poweroff|reboot|suspend|crash|watchdog|soft_reset\n");
    return 2;
}
