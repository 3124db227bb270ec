/* SPDX-License-Identifier: ISC */
/* Serving events, however they came in. */
#include "arch/x86/x86.h"

#include <minios/evtchn.h>
#include <minios/thread.h>

void x86_deliver(void)
{
    evtchn_upcall();
    thread_event_delivered();
}

/* Events were enabled in what was interrupted, or we would not be here: so it
 * may be preempted, unless its count says no. */
void x86_upcall(struct trap_frame *frame)
{
    (void)frame;
    x86_deliver();
    if (thread_preempt_due())
        x86_preempt();
}
