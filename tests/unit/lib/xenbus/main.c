/* SPDX-License-Identifier: ISC */
/* Tests of the guest's half of xenstore and of device negotiation. */
#include "xenbus_test.h"
#include <tap.h>

int main(void)
{
    test_client();
    test_hostile();
    test_events();
    test_directory();
    test_frontend();
    return tap_done();
}
