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
    test_grant_table();
    test_grant_copy();
    test_grant_map();
    test_grant_attacks();
    test_ids();
    return tap_done();
}
