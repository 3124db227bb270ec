/* SPDX-License-Identifier: ISC */
/* Tries Xen's ABI from inside a guest and prints TAP: all of it on PV, what does
 * not depend on PV on PVH. The same file is meant to print the same on every
 * hypervisor. */

#include "abi.h"
#include <minios/app.h>
#include <minios/stdio.h>

const char app_name[] = "abi";

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    if (x86_start_info) {
        test_calls();
        test_pagetables();
    }
    test_events();
    test_xenstore();
    return check_done();
}
