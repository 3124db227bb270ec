/* SPDX-License-Identifier: ISC */
/* Ends the domain; contract in minios/shutdown.h. */
#include <minios/hypercall.h>
#include <minios/shutdown.h>
#include <xen/sched.h>

void domain_shutdown(unsigned reason)
{
    struct sched_shutdown shutdown = {.reason = reason};

    /* It does not return; were it to fail there would be nothing else left. */
    for (;;)
        (void)HYPERVISOR_sched_op(SCHEDOP_shutdown, &shutdown);
}
