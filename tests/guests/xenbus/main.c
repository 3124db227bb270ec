/* SPDX-License-Identifier: ISC */
/*
 * Tries xenbus. The same file is meant to print the same on every hypervisor.
 *
 *   (nothing)   all tests, as TAP
 *   flood       watches data/flood until data/flood/stop appears
 *   list N      data/many has N children, child-0 to child-<N - 1>
 *   loop        has devices "loop", whose backend the boot test plays
 *   hook HOW    ends by request: end (the hook agrees), main (main returns)
 *   broken HOW  loses its xenstore: deaf, request, answer
 *   sleep       sleeps for ever, without a hook
 *   spin        computes for ever, without a hook
 *   time        prints how long reads take
 */
#include "xenbus_guest.h"

#include <base/string.h>
#include <minios/app.h>
#include <minios/stdio.h>
#include <minios/thread.h>

const char app_name[] = "xenbus";

unsigned parse(const char *text)
{
    unsigned n = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        n = n * 10 + (unsigned)(*text - '0');
    return n;
}

static int test_all(void)
{
    test_store();
    test_many();
    test_watches();
    return check_done();
}

static void spin(void)
{
    volatile unsigned long turns = 0;

    printf("spinning\n");
    for (;;)
        turns++;
}

static int sleep_for_ever(void)
{
    printf("sleeping\n");
    thread_sleep_until_ns(WAIT_FOREVER);
    return 1;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    const char *how = argc > 2 ? argv[2] : "";

    if (strcmp(mode, "flood") == 0)
        return flooded();
    if (strcmp(mode, "list") == 0)
        return lists(how);
    if (strcmp(mode, "loop") == 0)
        return serve_loop();
    if (strcmp(mode, "hook") == 0)
        return ends_by_hook(how);
    if (strcmp(mode, "broken") == 0)
        return breaks(how);
    if (strcmp(mode, "time") == 0)
        return time_reads();
    if (strcmp(mode, "spin") == 0)
        spin();
    if (strcmp(mode, "sleep") == 0)
        return sleep_for_ever();
    return test_all();
}
