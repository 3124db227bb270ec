/* SPDX-License-Identifier: ISC */
/*
 * Delivery of events on PV: vcpu_info's mask byte is the interrupt flag. Only
 * this vCPU, and Xen on its behalf, touch it, so plain accesses kept in order by
 * the compiler will do (xen.h, "struct vcpu_info").
 */
#include "arch/x86/pv/pv.h"

#include <minios/hypercall.h>
#include <minios/thread.h>
#include <xen/sched.h>

static void compiler_barrier(void)
{
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static volatile struct vcpu_info *vcpu(void)
{
    return &arch_shared_info->vcpu_info[0];
}

bool pv_events_disable(void)
{
    bool enabled;

    if (!arch_shared_info) /* a panic before it was found */
        return false;
    enabled = vcpu()->evtchn_upcall_mask == 0;
    vcpu()->evtchn_upcall_mask = 1;
    compiler_barrier();
    return enabled;
}

void pv_events_enable(void)
{
    volatile struct vcpu_info *v = vcpu();

    for (;;) {
        compiler_barrier();
        v->evtchn_upcall_mask = 0;
        compiler_barrier();
        /* What became pending while masked was not delivered: nobody is told
         * of a mask that falls. Unless an upcall took it since, it is up to
         * us; and so is a switch that was due in the meantime. */
        if (!v->evtchn_upcall_pending && !thread_preempt_due())
            break;
        v->evtchn_upcall_mask = 1;
        compiler_barrier();
        if (v->evtchn_upcall_pending)
            x86_deliver();
        if (thread_preempt_due())
            thread_preempt();
    }
}

void pv_block(void)
{
    /* Xen unmasks and looks for pending events before it sleeps
     * (sched.h, "SCHEDOP_block"). It has no way to fail. */
    (void)HYPERVISOR_sched_op(SCHEDOP_block, NULL);
    /* What the call found pending it delivered on its way out; should it have
     * returned with events masked still, this delivers them. */
    pv_events_enable();
}
