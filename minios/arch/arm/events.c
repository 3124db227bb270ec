/* SPDX-License-Identifier: ISC */
/* Delivery of events: an interrupt, and the CPU's interrupt mask. */
#include "arch/arm/arm.h"

#include <minios/evtchn.h>
#include <minios/thread.h>

/* PSTATE.I in DAIF. */
#define DAIF_I ((uint64_t)1 << 7)

bool arch_events_disable(void)
{
    uint64_t daif = READ_SYSREG("daif");

    __asm__ volatile("msr daifset, #2" : : : "memory");
    return (daif & DAIF_I) == 0;
}

void arch_events_enable(void)
{
    for (;;) {
        /* What is pending is taken at once. */
        __asm__ volatile("msr daifclr, #2\n\tisb" : : : "memory");
        /* No interrupt comes for a switch that was due in the meantime. */
        if (!thread_preempt_due())
            break;
        __asm__ volatile("msr daifset, #2" : : : "memory");
        if (thread_preempt_due())
            thread_preempt();
    }
}

/* An interrupt that is pending ends the sleep, masked or not. */
void arch_block(void)
{
    __asm__ volatile("dsb sy\n\twfi" : : : "memory");
    arch_events_enable();
}

static void serve(unsigned interrupt)
{
    if (interrupt == arm_dt.event_interrupt)
        evtchn_upcall();
    else if (interrupt == arm_dt.timer_interrupt)
        arm_timer_fired();
}

/* Events were enabled in what was interrupted, or we would not be here: so it
 * may be preempted, unless its count says no. */
void arm_irq(void)
{
    unsigned interrupt = gic_acknowledge();

    if (interrupt >= GIC_NONE)
        return;
    serve(interrupt);
    gic_end(interrupt);
    thread_event_delivered();
    if (thread_preempt_due())
        arm_preempt();
}
