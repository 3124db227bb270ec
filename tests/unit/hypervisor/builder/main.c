/* SPDX-License-Identifier: ISC */
/* The PV builder: what it refuses and where it puts things (plan.c), the pages
 * it writes (pages.c), what differs per domain (domain.c). */
#include "sample.h"
#include <tap.h>

int main(void)
{
    test_plan();
    test_pages();
    test_domain();
    return tap_done();
}
