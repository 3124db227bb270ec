/* SPDX-License-Identifier: ISC */
/*
 * Delivery of events on PVH: the interrupt flag. Xen asks for an interrupt of
 * our vector as long as vcpu_info says that something is pending, and there is
 * nothing to acknowledge; vcpu_info's mask byte means nothing here.
 */
#include "arch/x86/pvh/pvh.h"

#include <minios/thread.h>

#define RFLAGS_IF ((uint64_t)1 << 9)

/* entry.S */
void pvh_sleep(void);
extern const char pvh_sleep_hlt[], pvh_sleep_end[];

bool pvh_events_disable(void)
{
    uint64_t flags;

    __asm__ volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
    return (flags & RFLAGS_IF) != 0;
}

void pvh_events_enable(void)
{
    for (;;) {
        /* Interrupts are taken after the instruction that follows sti. */
        __asm__ volatile("sti; nop" ::: "memory");
        /* No interrupt comes for a switch that was due in the meantime. */
        if (!thread_preempt_due())
            break;
        __asm__ volatile("cli" ::: "memory");
        if (thread_preempt_due())
            thread_preempt();
    }
}

void pvh_block(void)
{
    pvh_sleep();
    pvh_events_enable();
}

/* From entry.S. What came in front of the sleep has ended it. */
void pvh_upcall(struct trap_frame *frame)
{
    if (frame->regs.rip == (uintptr_t)pvh_sleep_hlt)
        frame->regs.rip = (uintptr_t)pvh_sleep_end;
    x86_upcall(frame);
}
