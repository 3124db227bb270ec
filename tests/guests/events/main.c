/* SPDX-License-Identifier: ISC */
/*
 * Event channels from inside a guest, 2-level and FIFO. Prints TAP, the same on
 * every hypervisor. With arguments it is one of two guests that talk:
 *
 *   listen DOMID         lets DOMID connect, answers its events
 *   connect DOMID PORT   sends events there and waits for the answers
 */
#include "events.h"
#include <base/string.h>
#include <minios/app.h>
#include <minios/evtchn.h>
#include <minios/stdio.h>

const char app_name[] = "events";

static unsigned number(const char *s)
{
    unsigned n = 0;

    while (*s >= '0' && *s <= '9')
        n = n * 10 + (unsigned)(*s++ - '0');
    return n;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "listen"))
        return peer_listen(number(argv[2]));
    if (argc == 4 && !strcmp(argv[1], "connect"))
        return peer_connect(number(argv[2]), number(argv[3]));
    test_two_level();
    test_switch();
    printf("# event channels: %s\n", evtchn_abi_name());
    test_fifo();
    test_all_ports();
    return check_done();
}
