/* SPDX-License-Identifier: ISC */
/* The hypervisor's core as plain functions, in a world of recorded ops. */
#include "world.h"
#include <tap.h>

int main(void)
{
    test_domains();
    test_names();
    test_evtchn();
    test_delivery();
    test_fifo();
    test_fifo_hostile();
    test_memory();
    test_hostile();
    return tap_done();
}
